// SPDX-License-Identifier: Apache-2.0
#include "des/isolation.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <iostream>
#include <poll.h>
#include <string_view>
#include <sys/mman.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "core/diagnostic.hpp"
#include "core/units.hpp"
#include "des/isolation_child.hpp"

namespace plumbline::des {

using namespace core::literals;

namespace {

constexpr int stop_interval_ms = 50;

/// ModelError rather than IoError: the run has no answer, the caller's other runs may have one.
[[noreturn]] void system_refused(int error) {
  throw core::ModelError(
      fmt::format("cannot start a child process: {}", std::generic_category().message(error)));
}

/// What `limit` is in whole milliseconds for poll(), rounded up so that a wait never ends early.
int milliseconds(core::Seconds limit) {
  constexpr double longest = 60'000.0;
  return static_cast<int>(std::min(std::ceil(limit / 1_ms), longest));
}

void reap(int child, int& status) {
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
}

/// The last lines that the child wrote, on one line; empty when it wrote nothing.
std::string last_words(int output) {
  constexpr off_t enough = 600;
  const off_t size = ::lseek(output, 0, SEEK_END);
  std::string text(static_cast<std::size_t>(std::clamp<off_t>(size, 0, enough)), '\0');
  const ssize_t got = ::pread(output, text.data(), text.size(), std::max<off_t>(0, size - enough));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  if (size > enough) {
    text.erase(0,
               text.find('\n') + 1);  // the first line is cut (or is all there is: npos + 1 is 0)
  }
  while (!text.empty() && text.back() == '\n') {
    text.pop_back();
  }
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos;) {
    text.replace(at, 1, " | ");
  }
  return text;
}

std::string describe_death(int status, const IsolationLimits& limits) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == child_out_of_memory) {
    return fmt::format(
        "needs more memory than its limit of {}; raise memory_limit or make the "
        "problem smaller",
        core::display(limits.memory));
  }
  if (WIFEXITED(status)) {
    return fmt::format("ended without an answer, with exit code {}", WEXITSTATUS(status));
  }
  const int signal = WTERMSIG(status);
  const char* const name = ::sigabbrev_np(signal);
  std::string text = fmt::format("was killed by signal {} (SIG{})", signal, name ? name : "?");
  if (signal == SIGKILL) {
    text += "; if the machine ran out of memory, lower memory_limit or run fewer at once";
  } else if (signal == SIGABRT) {
    text += fmt::format("; if it ran out of memory (memory_limit is {}), raise memory_limit",
                        std::isinf(limits.memory / 1_B) ? "off" : core::display(limits.memory));
  }
  return text;
}

}  // namespace

IsolatedRun::IsolatedRun(const IsolatedTask& task, const IsolationLimits& limits)
    : limits_(limits), started_(Clock::now()) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    system_refused(errno);
  }
  pipe_ = ends[0];
  ::fcntl(pipe_, F_SETFL, O_NONBLOCK);
  // Text still in a buffer at the fork would be written twice, by parent and child.
  std::fflush(nullptr);
  std::cout.flush();
  const int parent = ::getpid();
  output_ = ::memfd_create("child output", MFD_CLOEXEC);
  child_ = output_ < 0 ? -1 : ::fork();
  if (child_ == 0) {
    run_child(task, ChildSetup{ends[1], output_, parent, limits.memory});
  }
  const int error = errno;
  ::close(ends[1]);
  if (child_ < 0) {
    release();
    system_refused(error);
  }
}

IsolatedRun::~IsolatedRun() {
  release();
}

IsolatedRun::IsolatedRun(IsolatedRun&& other) noexcept {
  *this = std::move(other);
}

IsolatedRun& IsolatedRun::operator=(IsolatedRun&& other) noexcept {
  if (this != &other) {
    release();
    limits_ = other.limits_;
    started_ = other.started_;
    ended_ = other.ended_;
    child_ = std::exchange(other.child_, -1);
    pipe_ = std::exchange(other.pipe_, -1);
    output_ = std::exchange(other.output_, -1);
    status_ = other.status_;
    ending_ = other.ending_;
    received_ = std::move(other.received_);
  }
  return *this;
}

void IsolatedRun::release() noexcept {
  if (child_ > 0) {
    ::kill(child_, SIGKILL);
    reap(child_, status_);
  }
  for (int* const fd : {&pipe_, &output_}) {
    if (*fd >= 0) {
      ::close(*fd);
    }
    *fd = -1;
  }
  child_ = -1;
}

bool IsolatedRun::stop_asked() const {
  return limits_.stop != nullptr && *limits_.stop != 0;
}

core::Seconds IsolatedRun::wall() const {
  const std::chrono::duration<double> passed = ended_.value_or(Clock::now()) - started_;
  return passed.count() * 1_s;
}

core::Seconds IsolatedRun::time_left() const {
  return std::max(core::Seconds{}, limits_.time - wall());
}

void IsolatedRun::end(Ending ending) {
  if (ending != Ending::by_itself) {
    ::kill(child_, SIGKILL);
  }
  reap(child_, status_);
  child_ = -1;
  ::close(std::exchange(pipe_, -1));
  ending_ = ending;
  ended_ = Clock::now();
}

bool IsolatedRun::advance() {
  std::array<std::byte, 65536> buffer;  // a pipe's capacity
  while (ending_ == Ending::none) {
    const ssize_t got = ::read(pipe_, buffer.data(), buffer.size());
    if (got > 0) {
      received_.insert(received_.end(), buffer.begin(), buffer.begin() + got);
    } else if (got == 0) {
      end(Ending::by_itself);
    } else if (errno != EINTR) {
      break;  // EAGAIN: nothing more for now
    }
  }
  if (ending_ == Ending::none && stop_asked()) {
    end(Ending::interrupted);
  } else if (ending_ == Ending::none && received_.empty() && time_left() <= core::Seconds{}) {
    // What has begun to answer is done: it may have waited for us to read, not for itself.
    end(Ending::time_limit);
  }
  return ending_ != Ending::none;
}

std::vector<std::byte> IsolatedRun::finish() {
  while (!advance()) {
    const int limit = received_.empty() ? milliseconds(time_left()) : stop_interval_ms;
    pollfd watched{pipe_, POLLIN, 0};
    // A signal that comes between looking at `stop` and poll() is seen after one interval.
    ::poll(&watched, 1, limits_.stop == nullptr ? limit : std::min(limit, stop_interval_ms));
  }
  // A terminal's Ctrl-C reaches the child too: what it died of is then no news.
  if (ending_ == Ending::interrupted || (stop_asked() && !has_answer(received_))) {
    throw core::ModelError("interrupted");
  }
  if (ending_ == Ending::time_limit) {
    throw core::ModelError(
        fmt::format("gave no answer within its time limit of {}; raise time_limit or make the "
                    "problem smaller",
                    core::display(limits_.time)));
  }
  if (has_answer(received_)) {
    return take_answer(std::move(received_));
  }
  std::string text = describe_death(status_, limits_);
  if (const std::string words = last_words(output_); !words.empty()) {
    text += fmt::format("; it last wrote: {}", words);
  }
  throw core::ModelError("the child process " + text);
}

std::vector<std::byte> run_isolated(const IsolatedTask& task, const IsolationLimits& limits) {
  return IsolatedRun(task, limits).finish();
}

}  // namespace plumbline::des
