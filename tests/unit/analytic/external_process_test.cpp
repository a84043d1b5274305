// SPDX-License-Identifier: Apache-2.0
// Solvers in processes of their own, right ones and those that break in every way that
// tests/support/solvers/misbehave.py knows.
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <linux/landlock.h>
#include <netinet/in.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "analytic/external/open.hpp"
#include "analytic/external/process.hpp"
#include "analytic/external/wire.hpp"
#include "core/diagnostic.hpp"
#include "tests/support/star.hpp"

namespace {

using namespace plumbline;
using analytic::Answer;
using analytic::Gauge;
using analytic::Subject;
using Catch::Matchers::Contains;

const std::string folder = std::string(PL_SOURCE_DIR) + "/tests/support/solvers";

/// Short where the solver is expected to let it pass.
constexpr core::Seconds soon = core::Seconds::from_si(0.5);

std::unique_ptr<Subject> start(const std::string& how, const std::string& argument = {},
                               analytic::external::Limits limits = {}) {
  std::vector<std::string> command{"python3", "misbehave.py", how};
  if (!argument.empty()) {
    command.push_back(argument);
  }
  return analytic::external::start_command(command, folder, limits);
}

workload::Problem ring() {
  return test::on_star({.hosts = 4},
                       test::collective(workload::Collective::all_reduce, "ring", 4e6));
}

Answer ask(const std::string& how, const std::string& argument = {},
           analytic::external::Limits limits = {}) {
  return start(how, argument, limits)->ask(ring(), {});
}

/// The one sentence of a handshake that fails.
std::string refusal(const std::string& how, analytic::external::Limits limits = {}) {
  try {
    std::ignore = start(how, {}, limits);
  } catch (const core::ModelError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a process states its contract and answers in SI, whatever the gauge") {
  const auto subject = start("right");
  CHECK(subject->contract().name == "right");
  CHECK(subject->contract().claim == analytic::Claim::exact);
  CHECK(subject->contract().constants.at("overhead").dimension == analytic::Dimension{1, 0});
  // 6 steps of 500 ns and 1e6 B at 50 GB/s, and the declared 2 s.
  const double expected = 6 * (500e-9 + 1e6 / 50e9) + 2.0;
  for (const Gauge gauge : {Gauge{}, Gauge{1024.0, 1.0}, Gauge{1.0, 0.125}, Gauge{1e6, 1e-3}}) {
    const Answer answer = subject->ask(ring(), gauge);
    CHECK(answer.failure.empty());
    CHECK(answer.estimate.value() == Approx(expected).epsilon(1e-12));
  }
}

TEST_CASE("a process that wants every operation gets the model itself, in any gauge") {
  const auto subject = start("dag");
  CHECK(subject->contract().wants_dag);
  // Nothing shares a link: the longest path is the ring's 6 steps.
  for (const Gauge gauge : {Gauge{}, Gauge{1e6, 1e-3}}) {
    const Answer answer = subject->ask(ring(), gauge);
    CHECK(answer.failure.empty());
    CHECK(answer.estimate.value_or(0.0) == Approx(6 * (500e-9 + 1e6 / 50e9)).epsilon(1e-12));
  }
}

TEST_CASE("a process may say why a problem is none of its own") {
  const Answer answer = ask("refuses");
  CHECK(answer.failure.empty());
  CHECK(answer.not_applicable == "not on Saturdays");
}

TEST_CASE("a broken answer is a sentence and no more") {
  const auto [how, words] = GENERATE(table<std::string, std::string>({
      {"crash", "it crashed with signal 11 (SIGSEGV)"},
      {"raise", "raise RuntimeError(\"no such ring\") | RuntimeError: no such ring"},
      {"garbage", "is not one JSON object: two seconds"},
      {"nan", "holds NaN or Infinity"},
      {"wrong_id", "it answered problem 8, not problem 1"},
      {"huge", "longer than 1048576 bytes"},
      {"endless", "longer than 1048576 bytes"},
      {"unknown_key", "unknown key 'estimate'; did you mean 'estimate_s'?"},
      {"empty", "its answer says nothing"},
      {"text", "its estimate_s is no number: \"1.0\""},
      {"deep", "nests deeper than 64"},
      {"memory", "MemoryError"},
  }));
  CAPTURE(how);
  CHECK_THAT(ask(how).failure, Contains(words));
}

TEST_CASE("a process that keeps silent is given up, and stays so") {
  const auto how = GENERATE("hang", "deaf");
  const auto subject = start(how, {}, {.answer = soon});
  const std::string failure = subject->ask(ring(), {}).failure;
  CAPTURE(failure);
  CHECK_FALSE(failure.empty());
  CHECK(subject->ask(ring(), {}).failure == failure);
}

TEST_CASE("a process that failed can be started anew, though not for ever where it hangs") {
  const auto right = start("right");
  CHECK(right->recover());
  const auto raises = start("raise");
  for (int time = 0; time < 3; ++time) {
    CHECK_THAT(raises->ask(ring(), {}).failure, Contains("no such ring"));
    CHECK(raises->recover());
  }
  const auto hangs = start("hang", {}, {.answer = soon, .waiting = 4.0 * soon});
  int asked = 1;
  for (std::ignore = hangs->ask(ring(), {}); asked < 5 && hangs->recover(); ++asked) {
    std::ignore = hangs->ask(ring(), {});
  }
  CHECK(asked < 5);  // 0.5 s each, of 2 s in all, and its start
}

TEST_CASE("a process that lets each answer wait is given up when that is too much in all") {
  const auto subject = start("sleep", {}, {.waiting = core::Seconds::from_si(1.5)});
  CHECK(subject->ask(ring(), {}).failure.empty());  // 0.4 s; the fourth would be 1.6 s
  std::string failure;
  for (int question = 2; question <= 4; ++question) {
    failure = subject->ask(ring(), {}).failure;
  }
  CHECK(failure == "its answers took longer than 1.5 s in all");
}

TEST_CASE("one answer too many is found at the next question") {
  const auto subject = start("twice");
  CHECK(subject->ask(ring(), {}).failure.empty());
  CHECK_THAT(subject->ask(ring(), {}).failure, Contains("it answered problem 1, not problem 2"));
}

TEST_CASE("what a process says on standard error fills nothing") {
  // It tries 32 MiB and is refused beyond the 1 MiB of any file, yet it answers.
  const Answer answer = ask("chatty", {}, {.file = core::Bytes::from_si(1024.0 * 1024)});
  CHECK(answer.failure.empty());
  CHECK(answer.binding == "1048576 bytes");
}

TEST_CASE("a handshake that fails says why") {
  CHECK_THAT(refusal("slow_handshake", {.handshake = soon}), Contains("did not answer within"));
  CHECK_THAT(refusal("no_handshake"), Contains("it ended with exit code 3"));
  CHECK_THAT(refusal("greets"), Contains("its handshake is not one JSON object: hello"));
  CHECK_THAT(refusal("no_name"), Contains("needs `name`"));
  CHECK_THAT(refusal("new_version"), Contains("needs `\"plumbline\": 1`"));
  CHECK_THAT(refusal("bad_claim"), Contains("claim 'exactly' is unknown; did you mean 'exact'?"));
  CHECK_THAT(refusal("bad_domain"), Contains("unknown axis 'rank'; did you mean 'ranks'?"));
  CHECK_THROWS_WITH(analytic::external::start_command({"no_such_program"}, folder),
                    Contains("cannot run 'no_such_program'"));
}

TEST_CASE("nothing that a process has started outlives it") {
  const std::string lock =
      (std::filesystem::temp_directory_path() / ("plumbline-lock-" + std::to_string(::getpid())))
          .string();
  std::ofstream{lock};
  auto subject = start("undying", lock);
  CHECK(subject->ask(ring(), {}).failure.empty());
  const bool contained = subject->contract().containment.at(1) == "its processes end with it";
  subject.reset();
  const int file = ::open(lock.c_str(), O_RDWR | O_CLOEXEC);
  bool free = false;
  for (int i = 0; contained && !free && i < 1000; ++i) {  // the kernel ends them when it gets to it
    free = ::flock(file, LOCK_EX | LOCK_NB) == 0;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  CHECK(free == contained);
  ::close(file);
  std::filesystem::remove(lock);
}

TEST_CASE("a process reaches no network where the kernel allows that") {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  REQUIRE(::bind(listener, reinterpret_cast<sockaddr*>(&address), size) == 0);
  REQUIRE(::listen(listener, 1) == 0);
  REQUIRE(::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  const auto subject = start("network", std::to_string(ntohs(address.sin_port)));
  const bool off = subject->contract().containment.at(0) == "it has no network";
  CHECK(subject->ask(ring(), {}).binding == (off ? "not reached" : "reached"));
  ::close(listener);
}

TEST_CASE("a process reads and writes what is its own, where the kernel allows that") {
  const std::filesystem::path outside =
      std::filesystem::temp_directory_path() / fmt::format("plumbline-outside-{}", ::getpid());
  std::filesystem::create_directory(outside);
  const std::string secret = (outside / "secret").string();
  std::ofstream(secret) << "told";
  const auto subject = start("right");
  const bool held = subject->contract().containment.at(2).starts_with("it reads its own folder");
  CHECK(held ==
        (::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0));
  CHECK(ask("read", "at:" + secret).binding == (held ? "PermissionError" : "told"));
  CHECK(ask("list", "at:" + outside.string()).binding == (held ? "PermissionError" : "secret"));
  CHECK(ask("write", "at:" + secret + "2").binding == (held ? "PermissionError" : "1"));
  CHECK(ask("read", secret).binding == "told");  // the command names it
  CHECK(ask("read", "at:" + secret, {.reads = {outside.string()}}).binding == "told");
  CHECK(ask("write", "at:" + secret, {.reads = {outside.string()}}).binding ==
        (held ? "PermissionError" : "1"));
  CHECK(ask("temporary", "x").binding == "1");
  std::filesystem::remove_all(outside);
}

TEST_CASE(
    "a process can't signal us where the kernel has Landlock's scopes or process namespaces") {
  const auto subject = start("signal", std::to_string(::getpid()));
  const bool held =
      subject->contract().containment.at(1) == "its processes end with it" ||
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 6;
  CHECK((subject->ask(ring(), {}).binding == "None") == !held);
}

TEST_CASE("a process sees none of our environment") {
  ::setenv("PLUMBLINE_TEST_SECRET", "1", 1);
  const std::string names = ask("environment").binding;
  ::unsetenv("PLUMBLINE_TEST_SECRET");
  CHECK_THAT(names, Contains("PATH"));
  CHECK_THAT(names, !Contains("SECRET"));
}

TEST_CASE("what the kernel did not grant is known from what it did") {
  analytic::Contract contract;
  contract.containment = {"it has no network", "the kernel has no Landlock: it may read"};
  CHECK(analytic::external::not_granted(contract) ==
        std::vector<std::string>{"the kernel has no Landlock: it may read"});
}

TEST_CASE("dimensions are read as written") {
  using analytic::Dimension;
  using analytic::external::parse_dimension;
  CHECK(parse_dimension("1") == Dimension{0, 0});
  CHECK(parse_dimension("s") == Dimension{1, 0});
  CHECK(parse_dimension("B/s") == Dimension{-1, 1});
  CHECK(parse_dimension("1/s") == Dimension{-1, 0});
  CHECK(parse_dimension("s^2*B^-1") == Dimension{2, -1});
  for (const char* text : {"", "GB", "s/", "s^", "s^-", "s s", "Bs", "b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_dimension(text));
  }
}

TEST_CASE("a handshake read back is the same contract") {
  const std::string line =
      R"({"plumbline":1,"name":"a","claim":"estimate","within":{"p95":0.1},"quantity":"busbw",)"
      R"("domain":{"ranks":[2,64],"algorithm":["ring","tree"]},"citation":"own",)"
      R"("constants":{"c":{"value":3.5,"dimension":"s/B"}}})";
  const auto contract = analytic::external::read_handshake(
      analytic::external::handshake_line(analytic::external::read_handshake(line)));
  CHECK(contract.within_p95 == 0.1);
  CHECK(contract.quantity == analytic::Quantity::busbw);
  CHECK(contract.domain.at("ranks").to == 64.0);
  CHECK(contract.domain.at("algorithm").words == std::vector<std::string>{"ring", "tree"});
  CHECK(contract.constants.at("c").value == 3.5);
  CHECK(contract.constants.at("c").dimension == analytic::Dimension{1, -1});
}
