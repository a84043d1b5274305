// SPDX-License-Identifier: Apache-2.0
#include "des/isolation.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dirent.h>
#include <iostream>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "core/diagnostic.hpp"

namespace {

using namespace plumbline;
using namespace plumbline::core::literals;
using Catch::Matchers::Contains;
using Catch::Matchers::Equals;
using des::IsolatedRun;
using des::IsolationLimits;

std::vector<std::byte> bytes(std::string_view text) {
  std::vector<std::byte> result(text.size());
  std::memcpy(result.data(), text.data(), text.size());
  return result;
}

/// What the ModelError of a run says; empty when it gave an answer.
std::string death_of(const des::IsolatedTask& task, const IsolationLimits& limits = {}) {
  try {
    (void)des::run_isolated(task, limits);
  } catch (const core::ModelError& error) {
    return error.what();
  }
  return "";
}

std::vector<std::byte> sleep_for_ever() {
  while (true) {
    ::pause();
  }
}

std::size_t open_files() {
  DIR* const folder = ::opendir("/proc/self/fd");
  std::size_t count = 0;
  while (::readdir(folder) != nullptr) {
    ++count;
  }
  ::closedir(folder);
  return count;
}

bool has_children() {
  return ::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD;
}

/// Maps memory and writes to it, so that it counts.
std::vector<std::byte> fill(std::size_t mebibytes) {
  std::vector<std::vector<char>> held;
  for (std::size_t i = 0; i < mebibytes; ++i) {
    held.emplace_back(std::size_t{1} << 20, 'x');
  }
  return bytes(std::to_string(held.size()));
}

volatile std::sig_atomic_t stop_flag = 0;

TEST_CASE("A child's answer comes back, whatever its length") {
  CHECK(des::run_isolated([] { return bytes(""); }, {}).empty());
  CHECK(des::run_isolated([] { return bytes("42"); }, {}) == bytes("42"));

  // 10 MB is far beyond what a pipe holds (64 KiB): parent and child must run at the same time.
  std::vector<std::byte> large(10'000'000);
  for (std::size_t i = 0; i < large.size(); ++i) {
    large[i] = static_cast<std::byte>(i % 251);
  }
  CHECK(des::run_isolated([&] { return large; }, {}) == large);
}

TEST_CASE("A child sees the caller's memory and changes none of it") {
  int value = 1;
  const std::vector<std::byte> seen = des::run_isolated(
      [&] {
        const std::string text = std::to_string(value);
        value = 2;
        return bytes(text);
      },
      {});
  CHECK(seen == bytes("1"));
  CHECK(value == 1);
}

TEST_CASE("Text waiting in the caller's buffers is not written by the child") {
  // Written to a file through stdio, buffered at the fork: the child's end must not write it again.
  const std::string path = "/tmp/plumbline_isolation_" + std::to_string(::getpid());
  std::FILE* const file = std::fopen(path.c_str(), "w+");
  REQUIRE(file != nullptr);
  std::fputs("once", file);
  (void)des::run_isolated([] { return bytes(""); }, {});
  std::fflush(file);
  CHECK(std::ftell(file) == 4);
  std::fseek(file, 0, SEEK_END);
  CHECK(std::ftell(file) == 4);
  std::fclose(file);
  std::remove(path.c_str());
}

TEST_CASE("Every way of dying says which it was") {
  SECTION("killed from outside, as by the kernel when memory is short") {
    const std::string text = death_of([]() -> std::vector<std::byte> {
      ::kill(::getpid(), SIGKILL);
      return {};
    });
    CHECK_THAT(text, Contains("signal 9 (SIGKILL)") && Contains("memory_limit"));
  }
  SECTION("abort, with the last words") {
    const std::string text = death_of([]() -> std::vector<std::byte> {
      std::fputs("first line\nlast line\n", stderr);
      std::abort();
    });
    CHECK_THAT(text, Contains("signal 6 (SIGABRT)") && Contains("first line | last line"));
  }
  SECTION("a segmentation fault, in spite of handlers of the caller's") {
    const std::string text = death_of([]() -> std::vector<std::byte> {
      ::raise(SIGSEGV);
      return {};
    });
    CHECK_THAT(text, Contains("signal 11 (SIGSEGV)"));
  }
  SECTION("an exit") {
    const std::string text = death_of([]() -> std::vector<std::byte> { ::_exit(3); });
    CHECK_THAT(text, Contains("exit code 3"));
    CHECK_THAT(death_of([]() -> std::vector<std::byte> { ::_exit(0); }), Contains("exit code 0"));
  }
  SECTION("a ModelError keeps its text") {
    const std::string text =
        death_of([]() -> std::vector<std::byte> { throw core::ModelError("no path"); });
    CHECK_THAT(text, Equals("no path"));
  }
  SECTION("another exception") {
    CHECK_THAT(death_of([]() -> std::vector<std::byte> { throw std::runtime_error("odd"); }),
               Contains("unexpected error: odd"));
    CHECK_THAT(death_of([]() -> std::vector<std::byte> { throw 42; }), Contains("unknown type"));
  }
  SECTION("what it wrote on standard output is kept back too") {
    CHECK_THAT(death_of([]() -> std::vector<std::byte> {
                 std::cout << "text on standard output" << std::flush;
                 ::_exit(0);
               }),
               Contains("text on standard output"));
  }
}

TEST_CASE("Half an answer is none") {
  // The pipe holds 64 KiB; the child stands before a full pipe when the alarm ends it.
  IsolatedRun run(
      [] {
        itimerval soon{};
        soon.it_value.tv_usec = 20'000;
        ::setitimer(ITIMER_REAL, &soon, nullptr);
        return std::vector<std::byte>(10'000'000);
      },
      {});
  ::usleep(100'000);
  CHECK_THROWS_WITH(run.finish(), Contains("SIGALRM"));
}

TEST_CASE("Only the end of what a chatty child writes is kept") {
  const std::string text = death_of([]() -> std::vector<std::byte> {
    for (int i = 0; i < 3000; ++i) {
      std::fprintf(stderr, "line %d\n", i);
    }
    std::abort();
  });
  CHECK_THAT(text, Contains("line 2999") && !Contains("line 2000"));
  CHECK(text.size() < 1000);

  // 8 MB is more than is kept in memory; the child must neither die of it nor fill memory.
  CHECK(des::run_isolated(
            [] {
              const std::string line(1023, 'x');
              for (int i = 0; i < 8192; ++i) {
                std::fprintf(stderr, "%s\n", line.c_str());
              }
              return bytes("done");
            },
            {}) == bytes("done"));
}

TEST_CASE("A child that takes too long is ended and reaped") {
  CHECK_THAT(death_of(sleep_for_ever, {.time = 30_ms}),
             Contains("time limit of 30 ms") && Contains("time_limit"));
  CHECK_THAT(death_of(
                 []() -> std::vector<std::byte> {
                   while (true) {
                     ::write(STDERR_FILENO, "noise\n", 6);
                   }
                 },
                 {.time = 30_ms}),
             Contains("time_limit"));
  CHECK_FALSE(has_children());
}

#ifndef __SANITIZE_ADDRESS__  // which stands still where it can map no more memory
TEST_CASE("Memory beyond the limit ends the child, memory within it does not") {
  // The limit comes on top of what the parent holds: 200 MiB here that the child inherits.
  const std::vector<char> inherited(std::size_t{200} << 20, 'p');
  const IsolationLimits limits{.memory = 128_MiB};
  CHECK(des::run_isolated([] { return fill(64); }, limits) == bytes("64"));
  CHECK_THAT(death_of([] { return fill(256); }, limits),
             Contains("memory_limit") && Contains("more memory than its limit"));
  // One request that no machine could serve.
  CHECK_THAT(death_of([] { return fill(std::size_t{1} << 40); }, limits), Contains("memory_limit"));
}
#endif

TEST_CASE("A stop flag ends the wait at once") {
  SECTION("set before") {
    stop_flag = 1;
    CHECK_THAT(death_of(sleep_for_ever, {.stop = &stop_flag}), Equals("interrupted"));
  }
  SECTION("set by a signal handler while waiting") {
    stop_flag = 0;
    std::signal(SIGALRM, [](int) { stop_flag = 1; });
    itimerval soon{};
    soon.it_value.tv_usec = 20'000;
    ::setitimer(ITIMER_REAL, &soon, nullptr);
    CHECK_THAT(death_of(sleep_for_ever, {.stop = &stop_flag}), Equals("interrupted"));
    std::signal(SIGALRM, SIG_DFL);
  }
  SECTION("a signal that does not mean stop is passed over") {
    stop_flag = 0;
    std::signal(SIGALRM, [](int) {});
    itimerval often{};
    often.it_interval.tv_usec = 1000;
    often.it_value.tv_usec = 1000;
    ::setitimer(ITIMER_REAL, &often, nullptr);
    CHECK(des::run_isolated(
              [] {
                ::usleep(30'000);
                return bytes("awake");
              },
              {.stop = &stop_flag}) == bytes("awake"));
    const itimerval never{};
    ::setitimer(ITIMER_REAL, &never, nullptr);
    std::signal(SIGALRM, SIG_DFL);
  }
  CHECK_FALSE(has_children());
}

TEST_CASE("Ctrl-C, which a terminal sends to parent and child, is left to the parent") {
  CHECK(des::run_isolated(
            [] {
              ::raise(SIGINT);
              return bytes("alive");
            },
            {}) == bytes("alive"));
}

TEST_CASE("Several children at once, each with an end of its own") {
  std::vector<IsolatedRun> runs;
  for (int i = 0; i < 8; ++i) {
    runs.emplace_back(
        [i]() -> std::vector<std::byte> {
          if (i == 3) {
            std::abort();
          }
          return bytes(std::string(100'000, static_cast<char>('a' + i)));
        },
        IsolationLimits{.time = 20_s});
  }
  // As a scheduler would: wait on all, advance those that have something to say.
  std::size_t over = 0;
  while (over < runs.size()) {
    std::vector<pollfd> watched;
    for (const IsolatedRun& run : runs) {
      watched.push_back({run.fd(), POLLIN, 0});  // poll() passes over an fd of −1
    }
    REQUIRE(::poll(watched.data(), watched.size(), 20'000) > 0);
    over = 0;
    for (IsolatedRun& run : runs) {
      over += run.advance() ? 1U : 0U;
    }
  }
  for (int i = 0; i < 8; ++i) {
    IsolatedRun& run = runs[static_cast<std::size_t>(i)];
    if (i == 3) {
      CHECK_THROWS_WITH(run.finish(), Contains("SIGABRT"));
    } else {
      CHECK(run.finish() == bytes(std::string(100'000, static_cast<char>('a' + i))));
    }
  }
  CHECK_FALSE(has_children());
}

TEST_CASE("A run that is dropped takes its child with it") {
  const std::size_t files = open_files();
  {
    IsolatedRun dropped(sleep_for_ever, {});
    IsolatedRun replaced(sleep_for_ever, {});
    replaced = std::move(dropped);
    CHECK(has_children());
    CHECK(replaced.time_left() > 1000_s);
  }
  CHECK_FALSE(has_children());
  CHECK(open_files() == files);
}

TEST_CASE("A child may isolate in turn") {
  CHECK(des::run_isolated([] { return des::run_isolated([] { return bytes("deep"); }, {}); }, {}) ==
        bytes("deep"));
}

TEST_CASE("Two thousand runs, dying ones among them, leave no file and no process behind") {
  const std::size_t files = open_files();
  for (int i = 0; i < 2000; ++i) {
    const bool dies = i % 10 == 0;
    const std::string text = death_of([dies]() -> std::vector<std::byte> {
      if (dies) {
        ::_exit(1);
      }
      return bytes("x");
    });
    REQUIRE(text.empty() == !dies);
  }
  CHECK(open_files() == files);
  CHECK_FALSE(has_children());
}

}  // namespace
