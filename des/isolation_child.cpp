// SPDX-License-Identifier: Apache-2.0
#include "des/isolation_child.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <fstream>
#include <iostream>
#include <new>
#include <span>
#include <string_view>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/diagnostic.hpp"

namespace plumbline::des {

using namespace core::literals;

namespace {

enum class AnswerKind : std::uint32_t { result, error };

/// In front of every answer. Parent and child are one binary, so byte order and layout agree; the
/// mark and the size tell a whole answer from the beginning of one.
struct Header {
  std::uint32_t mark = version_1;
  AnswerKind kind = AnswerKind::result;
  std::uint64_t size = 0;

  static constexpr std::uint32_t version_1 = 0x504C4E01;  // "PLN", 1
};

static_assert(sizeof(Header) == 16);

void write_all(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return;  // the parent has gone
    }
    bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(0, written)));
  }
}

void answer(int fd, AnswerKind kind, std::span<const std::byte> bytes) {
  const Header header{.kind = kind, .size = bytes.size()};
  write_all(fd, std::as_bytes(std::span(&header, 1)));
  write_all(fd, bytes);
}

void answer(int fd, std::string_view error) {
  answer(fd, AnswerKind::error, std::as_bytes(std::span(error)));
}

void set_limit(__rlimit_resource resource, double value) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  const double hard = static_cast<double>(limit.rlim_max);  // RLIM_INFINITY is the largest rlim_t
  limit.rlim_cur = value < hard ? static_cast<rlim_t>(value) : limit.rlim_max;
  ::setrlimit(resource, &limit);
}

/// RLIMIT_DATA counts private writable memory, which is what a blow-up consumes; RLIMIT_AS would
/// also count mapped files and address space that is only reserved. The parent's share is already
/// there at the fork, so the limit goes on top of it.
void limit_memory(core::Bytes memory) {
  std::ifstream file("/proc/self/statm");
  double size = 0.0;
  double resident = 0.0;
  double shared = 0.0;
  double text = 0.0;
  double lib = 0.0;
  double data = 0.0;
  file >> size >> resident >> shared >> text >> lib >> data;
  set_limit(RLIMIT_DATA, data * static_cast<double>(::sysconf(_SC_PAGESIZE)) + memory / 1_B);
  std::set_new_handler([] { ::_exit(child_out_of_memory); });
}

/// Handlers are the parent's business; Ctrl-C too, which a terminal sends to both: the parent
/// kills.
void reset_signals() {
  for (int signal = 1; signal < SIGRTMIN; ++signal) {
    std::signal(signal, SIG_DFL);  // refused for SIGKILL and SIGSTOP, as it should be
  }
  std::signal(SIGXFSZ, SIG_IGN);
  sigset_t blocked{};
  ::sigemptyset(&blocked);
  ::sigaddset(&blocked, SIGINT);  // blocked, not ignored: SimGrid installs a handler of its own
  ::sigprocmask(SIG_SETMASK, &blocked, nullptr);
}

void prepare(const ChildSetup& setup) {
  constexpr double longest_output = 1 << 20;
  reset_signals();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != setup.parent) {
    ::_exit(1);  // the parent died before the line above
  }
  ::dup2(setup.output, STDOUT_FILENO);
  ::dup2(setup.output, STDERR_FILENO);
  set_limit(RLIMIT_FSIZE,
            longest_output);  // output is kept in memory: endless chatter must not fill it
  set_limit(RLIMIT_CORE, 0.0);
  limit_memory(setup.memory);
}

}  // namespace

void run_child(const IsolatedTask& task, const ChildSetup& setup) noexcept {
  try {
    prepare(setup);
    const std::vector<std::byte> result = task();
    answer(setup.answer, AnswerKind::result, result);
  } catch (const std::bad_alloc&) {
    ::_exit(child_out_of_memory);
  } catch (const core::ModelError& error) {
    answer(setup.answer, error.what());
  } catch (const std::exception& error) {
    answer(setup.answer, std::string("unexpected error: ") + error.what());
  } catch (...) {
    answer(setup.answer, "unexpected error of an unknown type");
  }
  // Not exit(): destructors and exit handlers are the parent's.
  std::fflush(nullptr);
  ::_exit(0);
}

bool has_answer(const std::vector<std::byte>& received) {
  Header header{.mark = 0};
  if (received.size() >= sizeof header) {
    std::memcpy(&header, received.data(), sizeof header);
  }
  return header.mark == Header::version_1 && received.size() == sizeof header + header.size;
}

std::vector<std::byte> take_answer(std::vector<std::byte> received) {
  Header header;
  std::memcpy(&header, received.data(), sizeof header);
  received.erase(received.begin(), received.begin() + sizeof header);
  if (header.kind == AnswerKind::error) {
    std::string text(received.size(), '\0');
    std::memcpy(text.data(), received.data(), received.size());
    throw core::ModelError(text);
  }
  return received;
}

}  // namespace plumbline::des
