// SPDX-License-Identifier: Apache-2.0
// What the replay costs beside the smallest SimGrid program that moves the same bytes: a ring
// all_reduce of 1 GB on a star, 256 ranks by default, 130,560 transfers. Prints the wall time of
// both, each the least of several alternating repetitions, and their ratio; fails above `limit`.
// Both run in a fresh child process, platform and answer included.
//
//   bench_replay [ranks [repetitions [limit]]]
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <simgrid/kernel/Timer.hpp>
#include <simgrid/s4u.hpp>

#include "core/quantity.hpp"
#include "des/isolation.hpp"
#include "des/replay.hpp"
#include "topology/fabric.hpp"
#include "topology/placement.hpp"
#include "workload/problem.hpp"

namespace {

using namespace plumbline;
using namespace plumbline::core::literals;
namespace s4u = simgrid::s4u;
using simgrid::kernel::timer::Timer;

constexpr double bandwidth = 50e9;
constexpr double latency = 500e-9;  // of the whole path
constexpr double size = 1e9;

// ---- by hand: what one would write who has just this ring to simulate

struct Task {
  s4u::Host* from = nullptr;
  s4u::Host* to = nullptr;
  int waiting_for = 0;
  std::vector<int> next;
  s4u::CommPtr flow;
};

class ByHand {
 public:
  explicit ByHand(int ranks) : bytes_(static_cast<std::uint64_t>(size / ranks)) {
    auto* const zone = s4u::create_full_zone("star");
    std::vector<s4u::Host*> hosts;
    std::vector<s4u::LinkInRoute> up;
    std::vector<s4u::LinkInRoute> down;
    for (int i = 0; i < ranks; ++i) {
      hosts.push_back(zone->create_host("host" + std::to_string(i), 1.0));
      up.emplace_back(zone->create_link("up" + std::to_string(i), bandwidth));
      down.emplace_back(zone->create_link("down" + std::to_string(i), bandwidth));
    }
    const auto n = static_cast<std::size_t>(ranks);
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t j = (i + 1) % n;
      zone->add_route(hosts[i]->get_netpoint(), hosts[j]->get_netpoint(), nullptr, nullptr,
                      {up[i], down[j]}, false);
    }
    zone->seal();
    const std::size_t steps = 2 * (n - 1);
    tasks_.resize(steps * n);
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      const std::size_t i = t % n;
      tasks_[t].from = hosts[i];
      tasks_[t].to = hosts[(i + 1) % n];
      tasks_[t].waiting_for = t < n ? 0 : 2;
      if (t + n < tasks_.size()) {  // the next step of sender and receiver
        tasks_[t].next = {static_cast<int>(t + n), static_cast<int>(t - i + n + (i + 1) % n)};
      }
    }
  }

  double run(s4u::Engine& engine) {
    s4u::Activity::on_completion_cb([this](const s4u::Activity& activity) {
      auto* const task = activity.get_data<Task>();
      if (task != nullptr && task->flow) {
        last_ = std::exchange(task->flow, nullptr);
        for (const int next : task->next) {
          if (--tasks_[static_cast<std::size_t>(next)].waiting_for == 0) {
            ready(next);
          }
        }
      }
    });
    for (std::size_t t = 0; t < tasks_.size(); ++t) {
      if (tasks_[t].waiting_for == 0) {
        ready(static_cast<int>(t));
      }
    }
    engine.run();
    return s4u::Engine::get_clock();
  }

 private:
  void ready(int task) {
    const double date = s4u::Engine::get_clock() + latency;
    const auto [entry, is_new] = due_.try_emplace(date);
    entry->second.push_back(task);
    if (is_new) {
      Timer::set(date, [this, date] {
        for (const auto due = due_.extract(date); const int t : due.mapped()) {
          start(tasks_[static_cast<std::size_t>(t)]);
        }
      });
    }
  }

  void start(Task& task) {
    task.flow = s4u::Comm::sendto_init();
    task.flow->set_data(&task);
    task.flow->set_payload_size(bytes_)->set_source(task.from)->set_destination(task.to);
  }

  std::uint64_t bytes_;
  std::vector<Task> tasks_;
  std::map<double, std::vector<int>> due_;
  s4u::CommPtr last_;
};

std::vector<std::byte> by_hand(int ranks) {
  std::vector<std::string> arguments{"by_hand",
                                     "--log=root.thres:warning",
                                     "--cfg=network/model:CM02",
                                     "--cfg=network/TCP-gamma:0",
                                     "--cfg=network/crosstraffic:no",
                                     "--cfg=surf/precision:1e-12",
                                     "--cfg=maxmin/precision:1e-9"};
  std::vector<char*> pointers;
  for (std::string& argument : arguments) {
    pointers.push_back(argument.data());
  }
  int count = static_cast<int>(pointers.size());
  pointers.push_back(nullptr);
  // Never destroyed, like the child that it lives in.
  auto* const engine = new s4u::Engine(&count, pointers.data());
  auto* const replay = new ByHand(ranks);
  const double makespan = replay->run(*engine);
  std::vector<std::byte> result(sizeof makespan);
  std::memcpy(result.data(), &makespan, sizeof makespan);
  return result;
}

// ---- and through Plumbline

workload::Problem ring(std::uint32_t ranks) {
  topology::FabricBuilder builder;
  const topology::LinkClass cable{.name = "cable",
                                  .kind = topology::LinkKind::network,
                                  .bandwidth_per_direction = 50_GBps,
                                  .latency = 250_ns};
  const auto centre = builder.add({.name = "switch", .kind = topology::DeviceKind::leaf});
  for (std::uint32_t i = 0; i < ranks; ++i) {
    builder.connect(
        builder.add({.name = "host" + std::to_string(i), .kind = topology::DeviceKind::host}),
        centre, cable);
  }
  auto fabric = std::make_shared<const topology::Fabric>(builder.finish());
  workload::Workload request;
  request.algorithm = "ring";
  request.size = 1_GB;
  request.ranks = workload::RankCount(ranks);
  const topology::Placement placement = topology::packed(*fabric, request.ranks);
  return workload::make_problem(fabric, placement, request, {});
}

int argument(int argc, char** argv, int index, int otherwise) {
  int value = otherwise;
  if (index < argc) {
    const std::string text = argv[index];
    std::from_chars(text.data(), text.data() + text.size(), value);
  }
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  const int ranks = argument(argc, argv, 1, 256);
  const int repetitions = argument(argc, argv, 2, 7);
  const double limit = argc > 3 ? std::stod(argv[3]) : 1.3;
  const workload::Problem problem = ring(static_cast<std::uint32_t>(ranks));
  (void)problem.dag();

  double hand = std::numeric_limits<double>::infinity();
  double ours = hand;
  double difference = 0.0;
  for (int i = 0; i < repetitions; ++i) {
    des::IsolatedRun run([&] { return by_hand(ranks); }, {});
    const std::vector<std::byte> answer = run.finish();
    double makespan = 0.0;
    std::memcpy(&makespan, answer.data(), sizeof makespan);
    hand = std::min(hand, run.wall() / 1_s);

    const workload::Outcome outcome = des::Replay({}).run(problem);
    ours = std::min(ours, outcome.replay->wall / 1_s);
    difference = outcome.estimate.value() / 1_s / makespan - 1.0;
  }
  std::printf(
      "%zu transfers: by hand %.4f s, replay %.4f s, ratio %.3f (makespans differ by %.1e)\n",
      problem.dag().size(), hand, ours, ours / hand, difference);
  return ours <= limit * hand ? 0 : 1;
}
