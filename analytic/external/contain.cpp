// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/contain.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "analytic/external/reach.hpp"
#include "analytic/external/restrict.hpp"

namespace plumbline::analytic::external {
namespace {

constexpr int refused = 126;  // as shells have it

void set_limit(__rlimit_resource resource, double value) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  if (value < static_cast<double>(limit.rlim_max)) {  // RLIM_INFINITY is the largest rlim_t
    limit.rlim_cur = limit.rlim_max = static_cast<rlim_t>(value);
    ::setrlimit(resource, &limit);
  }
}

void write_text(const char* file, const std::string& text) {
  const int fd = ::open(file, O_WRONLY | O_CLOEXEC);
  if (fd >= 0) {
    std::ignore = ::write(fd, text.data(), text.size());
    ::close(fd);
  }
}

/// Namespaces of its own need no privilege where users may make them; as root they are granted
/// without.
Report unshare_all(bool network) {
  Report report;
  const int net = network ? 0 : CLONE_NEWNET;
  const std::string user = fmt::format("{0} {0} 1", ::geteuid());
  const std::string group = fmt::format("{0} {0} 1", ::getegid());
  if (::unshare(CLONE_NEWUSER | net | CLONE_NEWPID | CLONE_NEWIPC) == 0) {
    write_text("/proc/self/setgroups", "deny");
    write_text("/proc/self/uid_map", user);
    write_text("/proc/self/gid_map", group);
    report.own_network = !network;
    report.own_processes = true;
  } else {
    report.own_network = !network && ::unshare(CLONE_NEWNET) == 0;
    report.own_processes = ::unshare(CLONE_NEWPID) == 0;
  }
  return report;
}

/// Memory that a process holds privately before the solver begins: what a forked one has of ours.
double private_memory() {
  std::ifstream file("/proc/self/statm");
  double pages = 0.0;
  for (int field = 0; field < 6; ++field) {
    file >> pages;  // the sixth: data
  }
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void limit_all(const Limits& limits, bool own_processes) {
  set_limit(RLIMIT_CORE, 0.0);
  set_limit(RLIMIT_CPU, limits.cpu.si());
  set_limit(RLIMIT_DATA, private_memory() + limits.memory.si());
  set_limit(RLIMIT_FSIZE, limits.file.si());
  set_limit(RLIMIT_NOFILE, limits.files);
  if (own_processes) {  // elsewhere all processes of the user would count
    set_limit(RLIMIT_NPROC, limits.processes);
  }
}

void reset_signals() {
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    std::signal(signal, SIG_DFL);  // refused for SIGKILL and SIGSTOP, as it should be
  }
  std::signal(SIGXFSZ, SIG_IGN);  // a write too much fails and kills nobody
  sigset_t none{};
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

/// Nothing of our environment is a solver's business.
void clear_environment(const std::string& folder) {
  const char* const home = std::getenv("HOME");
  const std::string kept = home != nullptr ? home : "/";
  ::clearenv();
  ::setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
  ::setenv("HOME", kept.c_str(), 1);
  ::setenv("LC_ALL", "C.UTF-8", 1);
  ::setenv("PYTHONUNBUFFERED", "1", 1);  // who forgets to flush would wait for ever
  ::setenv("TMPDIR", folder.c_str(), 1);
  ::setenv(mark_variable, mark_in(folder).c_str(), 1);
}

void join(const Ends& ends) {
  // High numbers first: an end may itself be 0, 1 or 2 where we were started without these.
  const int input = ::fcntl(ends.input, F_DUPFD, 10);
  const int output = ::fcntl(ends.output, F_DUPFD, 10);
  const int words = ::fcntl(ends.words, F_DUPFD, 10);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(words, STDERR_FILENO);
  ::close_range(3, ~0U, 0);
}

[[noreturn]] void become_solver(const Child::Body& body, const Ends& ends) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(word_signal, SIG_DFL);
  int status = refused;
  try {
    join(ends);
    status = body();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
  }
  std::fflush(nullptr);
  ::_exit(status);
}

void report_to(int file, const Report& report) {
  std::ignore = ::pwrite(file, &report, sizeof report, 0);
}

int report_file = -1;  // for the handler

/// Ends all that is left of the namespace: a plumbline below waits for that.
void on_word(int /*signal*/) {
  const bool yes = true;
  std::ignore = ::pwrite(report_file, &yes, sizeof yes, offsetof(Report, ran_plumbline));
  std::ignore = ::pwrite(report_file, &yes, sizeof yes, offsetof(Report, ended));
  ::_exit(0);
}

/// Starts the solver, takes the end of every process that is left to it, and ends with the solver:
/// as the first of a process namespace it takes the others along.
[[noreturn]] void supervise(const Child::Body& body, const Ends& ends, Report report) noexcept {
  report_file = ends.report;

  struct sigaction action {};

  action.sa_handler = on_word;
  ::sigaction(word_signal, &action, nullptr);
  const int solver = ::fork();
  if (solver == 0) {
    become_solver(body, ends);
  }
  for (const int fd : {ends.input, ends.output}) {
    ::close(fd);  // the solver's end must be the last one
  }
  int status = 0;
  while (solver > 0) {
    const int ended = ::wait(&status);
    if (ended == solver || (ended < 0 && errno != EINTR)) {
      break;
    }
  }
  report.ended = true;
  report.status = solver > 0 ? status : refused << 8;
  report_to(ends.report, report);
  ::_exit(0);
}

}  // namespace

std::string mark_in(const std::string& folder) {
  return folder + "/plumbline-below";
}

void guard(const Child::Body& body, const Limits& limits, const Ends& ends,
           const std::string& folder) noexcept {
  ::setsid();
  reset_signals();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != ends.parent) {
    ::_exit(refused);  // the parent died before the line above
  }
  clear_environment(folder);
  std::vector<std::string> readable = system_files();
  readable.insert(readable.end(), limits.reads.begin(), limits.reads.end());
  Report report = unshare_all(limits.network);
  limit_all(limits, report.own_processes);
  report.own_files = restrict_files(readable, folder);
  report.own_calls = restrict_calls(limits.network, report.own_processes);
  report_to(ends.report, report);
  if (!report.own_processes) {
    ::prctl(PR_SET_CHILD_SUBREAPER, 1);
    supervise(body, ends, report);
  }
  const int first = ::fork();  // the namespace begins with the next process
  if (first == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    supervise(body, ends, report);
  }
  for (const int fd : {ends.input, ends.output}) {
    ::close(fd);
  }
  int status = 0;
  while (first > 0 && ::waitpid(first, &status, 0) < 0 && errno == EINTR) {
  }
  ::_exit(0);
}

}  // namespace plumbline::analytic::external
