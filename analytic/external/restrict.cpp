// SPDX-License-Identifier: Apache-2.0
#include "analytic/external/restrict.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace plumbline::analytic::external {
namespace {

// Rights that are younger than the headers we build with (include/uapi/linux/landlock.h).
constexpr std::uint64_t may_truncate = 1U << 14U;
constexpr std::uint64_t scope_sockets_and_signals = 3;

constexpr std::uint64_t to_read =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_EXECUTE;
constexpr std::uint64_t of_files = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                                   LANDLOCK_ACCESS_FS_EXECUTE | may_truncate;

struct Ruleset {
  std::uint64_t files = 0;
  std::uint64_t ports = 0;   ///< from version 4 on
  std::uint64_t scoped = 0;  ///< from version 6 on
};

/// What a kernel of this version can refuse.
std::uint64_t rights_of(long version) {
  const unsigned count = version >= 3 ? 15 : version == 2 ? 14 : 13;
  return (std::uint64_t{1} << count) - 1;
}

void allow(int ruleset, const std::string& path, std::uint64_t rights) {
  const int place = ::open(path.c_str(), O_PATH | O_CLOEXEC);

  struct stat status {};

  if (place >= 0 && ::fstat(place, &status) == 0) {
    const landlock_path_beneath_attr rule{
        .allowed_access = S_ISDIR(status.st_mode) ? rights : rights & of_files, .parent_fd = place};
    ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  }
  if (place >= 0) {
    ::close(place);
  }
}

constexpr int below_call = 0x706c756d;  // no prctl() of Linux
constexpr unsigned below_solver = 3001;
constexpr unsigned below_listener = 3002;

#if defined(__x86_64__)
constexpr unsigned architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr unsigned architecture = AUDIT_ARCH_AARCH64;
#else
constexpr unsigned architecture = 0;
#endif

/// A program of the kernel's that looks at the number of each call.
class Filter {
 public:
  Filter() {
    load(offsetof(seccomp_data, arch));
    refuse_unless(architecture, ENOSYS);
    load(offsetof(seccomp_data, nr));
#if defined(__x86_64__)
    add(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000U, 0, 1));  // the 32-bit calls of x32
    refuse_all(ENOSYS);
#endif
  }

  void refuse(long call, unsigned error) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 1));
    refuse_all(error);
  }

  /// Only with this low word of the first argument. The last one: it forgets the number.
  void refuse(long call, unsigned argument, unsigned error) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<unsigned>(call), 0, 3));
    load(offsetof(seccomp_data, args));
    refuse(static_cast<long>(argument), error);
  }

  [[nodiscard]] bool install() {
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    const sock_fprog program{static_cast<unsigned short>(code_.size()), code_.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
  }

 private:
  void add(sock_filter instruction) {
    code_.push_back(instruction);
  }

  void load(std::size_t offset) {
    add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, static_cast<unsigned>(offset)));
  }

  void refuse_all(unsigned error) {
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error));
  }

  void refuse_unless(unsigned value, unsigned error) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, 1, 0));
    refuse_all(error);
  }

  std::vector<sock_filter> code_;
};

}  // namespace

bool restrict_files(const std::vector<std::string>& read, const std::string& written) {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) {
    return false;
  }
  const std::uint64_t all = rights_of(version);
  const Ruleset rules{.files = all, .scoped = version >= 6 ? scope_sockets_and_signals : 0};
  const std::size_t known = version >= 6 ? sizeof rules : sizeof rules.files;
  const auto ruleset = static_cast<int>(::syscall(SYS_landlock_create_ruleset, &rules, known, 0));
  if (ruleset < 0) {
    return false;
  }
  for (const std::string& path : read) {
    allow(ruleset, path, all & to_read);
  }
  for (const char* const device : {"/dev/null", "/dev/zero", "/dev/full"}) {
    allow(ruleset, device, all & ~LANDLOCK_ACCESS_FS_EXECUTE);
  }
  allow(ruleset, written, all & ~LANDLOCK_ACCESS_FS_EXECUTE);
  const bool done = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                    ::syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  ::close(ruleset);
  return done;
}

bool restrict_calls(bool network, bool first) {
  if (architecture == 0) {
    return false;
  }
  Filter filter;
  if (!network) {
    filter.refuse(SYS_socket, EACCES);
  }
  filter.refuse(SYS_io_uring_setup, ENOSYS);  // whose calls no filter sees
  for (const long look : {SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev}) {
    filter.refuse(look, EPERM);
  }
  filter.refuse(SYS_prctl, below_call, first ? below_listener : below_solver);
  return filter.install();
}

Below below_what() {
  if (::prctl(below_call, 0, 0, 0, 0) != -1) {
    return Below::nothing;
  }
  return errno == below_solver     ? Below::solver
         : errno == below_listener ? Below::listener
                                   : Below::nothing;
}

}  // namespace plumbline::analytic::external
