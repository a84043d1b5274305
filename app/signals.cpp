// SPDX-License-Identifier: Apache-2.0
#include "app/signals.hpp"

#include <csignal>
#include <unistd.h>

namespace plumbline::app {
namespace {

volatile std::sig_atomic_t arrived = 0;

void on_signal(int signal) {
  if (arrived != 0) {
    _exit(128 + signal);
  }
  arrived = signal;
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};

  action.sa_handler = on_signal;  // no SA_RESTART: a poll on a replay must wake up
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

const volatile std::sig_atomic_t& interrupted_by() {
  return arrived;
}

}  // namespace plumbline::app
