// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <poll.h>
#include <sstream>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "analytic/external/contain.hpp"
#include "analytic/external/restrict.hpp"
#include "core/diagnostic.hpp"
#include "core/units.hpp"

namespace plumbline::analytic::external {
namespace {

constexpr core::Seconds mourning = core::Seconds::from_si(1.0);

[[noreturn]] void system_refused(int error) {
  throw core::ModelError(
      fmt::format("cannot start a child process: {}", std::generic_category().message(error)));
}

/// Of the solver's own, with an empty mark in it.
std::string make_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "plumbline-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    system_refused(errno);
  }
  const std::ofstream mark(mark_in(name));
  return name;
}

std::string describe(int status) {
  if (WIFEXITED(status)) {
    return WEXITSTATUS(status) == 0
               ? "it ended"
               : fmt::format("it ended with exit code {}", WEXITSTATUS(status));
  }
  const int signal = WTERMSIG(status);
  const char* const name = ::sigabbrev_np(signal);
  return fmt::format("it crashed with signal {} (SIG{})", signal, name != nullptr ? name : "?");
}

/// The end of a text as one line: whole lines, but for those that only point at the one above.
std::string last_lines(const std::string& text) {
  constexpr std::size_t enough = 240;
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::ranges::replace_if(
        line, [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    const std::size_t first = line.find_first_not_of(' ');
    if (line.find_first_not_of(" ^~") != std::string::npos) {
      lines.push_back(line.substr(first));
    }
  }
  std::string last;
  for (; !lines.empty() && (last.empty() || last.size() + lines.back().size() < enough);
       lines.pop_back()) {
    last = last.empty() ? lines.back() : fmt::format("{} | {}", lines.back(), last);
  }
  return last.size() > enough ? last.substr(last.size() - enough) : last;
}

}  // namespace

class Child::Deadline {
 public:
  explicit Deadline(core::Seconds wait)
      : end_(std::chrono::steady_clock::now() + std::chrono::duration<double>(wait.si())) {}

  /// Waits until the end `fd` can be read or written, as `events` has it; false once it is late.
  [[nodiscard]] bool wait_for(int fd, short events) const {
    for (;;) {
      const std::chrono::duration<double, std::milli> left =
          end_ - std::chrono::steady_clock::now();
      if (left.count() <= 0.0) {
        return false;
      }
      pollfd watched{fd, events, 0};
      const int ready =
          ::poll(&watched, 1, static_cast<int>(std::ceil(std::min(left.count(), 60'000.0))));
      if (ready > 0) {
        return true;
      }
      if (ready < 0 && errno != EINTR) {
        return false;
      }
    }
  }

 private:
  std::chrono::time_point<std::chrono::steady_clock, std::chrono::duration<double>> end_;
};

Child::Child(const Body& body, const Limits& limits) : limits_(limits), folder_(make_folder()) {
  // A socket in, so that writing to one that has gone is no signal; a pipe out, which every tool
  // can write to.
  std::array<int, 2> in{-1, -1};
  std::array<int, 2> out{-1, -1};
  words_ = ::memfd_create("words of a solver", MFD_CLOEXEC);
  report_ = ::memfd_create("report of its guard", MFD_CLOEXEC);
  const bool good = words_ >= 0 && report_ >= 0 &&
                    ::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, in.data()) == 0 &&
                    ::pipe2(out.data(), O_CLOEXEC) == 0;
  input_ = in[0];
  output_ = out[0];
  if (good) {
    ::fcntl(input_, F_SETFL, O_NONBLOCK);
    ::fcntl(output_, F_SETFL, O_NONBLOCK);
    std::fflush(nullptr);  // text still in a buffer would be written twice
    std::cout.flush();
    const int parent = ::getpid();
    child_ = ::fork();
    if (child_ == 0) {
      guard(
          body, limits,
          {.input = in[1], .output = out[1], .words = words_, .report = report_, .parent = parent},
          folder_);
    }
  }
  const int error = errno;
  for (const int fd : {in[1], out[1]}) {
    if (fd >= 0) {
      ::close(fd);
    }
  }
  if (child_ < 0) {
    end();
    system_refused(error);
  }
}

Child::~Child() {
  end();
}

void Child::end() noexcept {
  if (child_ > 0) {
    ::kill(-child_, SIGKILL);  // the group, where the guard had come so far
    ::kill(child_, SIGKILL);
    int status = 0;
    while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
    }
  }
  child_ = -1;
  for (int* const fd : {&input_, &output_, &words_, &report_}) {
    if (*fd >= 0) {
      ::close(std::exchange(*fd, -1));
    }
  }
  if (!folder_.empty()) {
    std::error_code error;
    std::filesystem::remove_all(std::exchange(folder_, {}), error);
  }
}

Report Child::report() const {
  Report report;
  return ::pread(report_, &report, sizeof report, 0) == sizeof report ? report : Report{};
}

bool Child::ran_plumbline() const {
  std::error_code error;
  return report().ran_plumbline ||
         (std::filesystem::file_size(mark_in(folder_), error) > 0 && !error);
}

std::string Child::last_words() const {
  constexpr off_t looked_at = 2000;
  const off_t size = std::max<off_t>(0, ::lseek(words_, 0, SEEK_END));
  std::string text(static_cast<std::size_t>(std::min(size, looked_at)), '\0');
  const ssize_t got =
      ::pread(words_, text.data(), text.size(), std::max<off_t>(0, size - looked_at));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(0, got)));
  return last_lines(text);
}

std::string Child::death() {
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::duration<double>(mourning.si());
  do {
    if (const Report now = report(); now.ended) {
      return describe(now.status);
    }
    ::usleep(1000);
  } while (std::chrono::steady_clock::now() < until);
  return "it closed its output";
}

void Child::fail(std::string what) {
  if (ran_plumbline()) {
    what = "it runs plumbline itself, whose answers are what it is judged by";
  }
  const std::string words = last_words();
  failure_ = words.empty() ? what : fmt::format("{}; it last wrote: {}", what, words);
  end();
}

std::vector<std::string> Child::containment() const {
  const Report held = report();
  return {limits_.network ? "it may use the network: asked for"
          : held.own_network || held.own_calls
              ? "it has no network"
              : "the kernel grants no network namespace and no filter of calls: it may use the "
                "network",
          held.own_processes ? "its processes end with it"
                             : "the kernel grants no process namespace: what leaves its process "
                               "group may outlive it",
          held.own_files ? "it reads its own folder and the system's programs, and writes to a "
                           "temporary folder alone"
                         : "the kernel has no Landlock: it may read and write files as you may",
          held.own_calls
              ? "a plumbline below it does not run, and is told"
              : "the kernel grants no filter of calls: a plumbline that it hides may run",
          fmt::format("{} of memory a process, files of at most {}", core::display(limits_.memory),
                      core::display(limits_.file))};
}

bool Child::send(const std::string& line, const Deadline& deadline) {
  std::string_view rest = line;
  while (!rest.empty()) {
    const ssize_t sent = ::send(input_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      if (!deadline.wait_for(input_, POLLOUT)) {
        return false;
      }
    } else if (errno != EINTR) {
      return true;  // it has gone; reading says how
    }
  }
  return true;
}

std::optional<std::string> Child::take_line() {
  const std::size_t end = received_.find('\n');
  if (end == std::string::npos) {
    return std::nullopt;
  }
  std::string line = received_.substr(0, end);
  received_.erase(0, end + 1);
  return line;
}

std::optional<std::string> Child::receive(const Deadline& deadline) {
  std::array<char, 65536> buffer{};
  std::optional<std::string> line = take_line();
  while (!line && failure_.empty()) {
    if (!deadline.wait_for(output_, POLLIN)) {
      return std::nullopt;
    }
    const ssize_t got = ::read(output_, buffer.data(), buffer.size());
    if (got > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(got));
      line = take_line();
    } else if (got == 0) {
      fail(death() + " without an answer");
    }
    if (!line && received_.size() > limits_.line) {
      fail(fmt::format("its line is longer than {} bytes", limits_.line));
    }
  }
  return line;
}

Received Child::ask(const std::string& line, core::Seconds wait) {
  if (!failure_.empty()) {
    return {{}, failure_};
  }
  const auto begin = std::chrono::steady_clock::now();
  const core::Seconds left = limits_.waiting - waited_;
  const Deadline deadline(std::min(wait, left));
  std::optional<std::string> answer;
  if (line.empty() || send(line + "\n", deadline)) {
    answer = receive(deadline);
  }
  waited_ += core::Seconds::from_si(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  if (failure_.empty() && !answer) {
    fail(left < wait
             ? fmt::format("its answers took longer than {} in all", core::display(limits_.waiting))
             : fmt::format("it did not answer within {} (does it flush every line?)",
                           core::display(wait)));
  } else if (failure_.empty() && ran_plumbline()) {
    fail({});
  }
  return failure_.empty() ? Received{std::move(*answer), {}} : Received{{}, failure_};
}

int execute(const std::vector<std::string>& command, const std::string& base, core::Bytes memory) {
  std::vector<char*> arguments;
  for (const std::string& word : command) {
    arguments.push_back(const_cast<char*>(word.c_str()));  // NOLINT: what execvp asks for
  }
  arguments.push_back(nullptr);
  if (!base.empty() && ::chdir(base.c_str()) != 0) {
    fmt::print(stderr, "there is no folder {}\n", base);
    return 127;
  }
  const auto most = static_cast<rlim_t>(memory.si());
  const rlimit limit{.rlim_cur = most, .rlim_max = most};
  ::setrlimit(RLIMIT_DATA, &limit);  // below what a copy of us may use, which our own counts in
  ::execvp(arguments.front(), arguments.data());
  fmt::print(stderr, "cannot run '{}': {}\n", command.front(),
             std::generic_category().message(errno));
  return 127;
}

bool runs_below_a_solver() {
  const Below below = below_what();
  const char* const mark = std::getenv(mark_variable);
  const int file = mark == nullptr ? -1 : ::open(mark, O_WRONLY | O_APPEND | O_CLOEXEC);
  if (file >= 0) {
    std::ignore = ::write(file, "plumbline\n", 10);
    ::close(file);
  }
  if (below == Below::listener) {
    ::kill(1, word_signal);
    ::sleep(1);  // it ends us with the solver; a listener of the solver's own making does not
  }
  return mark != nullptr || below != Below::nothing;
}

}  // namespace plumbline::analytic::external
