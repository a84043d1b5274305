// SPDX-License-Identifier: Apache-2.0
// One problem of the gate as plain numbers, and what each number is called: what is drawn,
// searched, shrunk and named in a verdict.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/quantity.hpp"
#include "experiments/experiment.hpp"
#include "workload/problem.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::gate {

/// Machines of GPUs on one NVSwitch each, joined by a network of two leaves and one trunk between
/// them; one machine alone, or machines of one port each, where the numbers say so.
struct Case {
  std::string collective = "all_reduce";
  std::string algorithm = "ring";
  std::string placement = "packed";  ///< or round_robin: neighbours sit on different machines
  core::Bytes size;
  std::uint32_t nodes = 1;
  std::uint32_t gpus_per_node = 2;
  std::uint32_t gpus_per_nic = 1;  ///< divides gpus_per_node
  core::Seconds latency;           ///< of one link of the network
  core::Bandwidth bandwidth;       ///< of one adapter
  core::Seconds nvlink_latency;    ///< of one link inside a machine
  double nvlink_ratio = 1.0;       ///< bandwidth of a GPU's NVLinks over that of an adapter
  double oversubscription = 1.0;   ///< what enters a leaf over what its trunk carries

  // What a library adds. Trivial unless a solver says that it knows of them.
  std::uint32_t channels = 1;
  std::uint32_t pieces = 1;  ///< a channel's share is cut into
  std::uint32_t slots = 1;
  core::Seconds step_latency;
  double wire_ratio = 1.0;
  core::Seconds launch;

  // Of a pipeline alone.
  std::uint32_t micro_batches = 1;
  core::Seconds compute;  ///< forward and backward of one micro-batch on one rank

  [[nodiscard]] std::uint32_t ranks() const { return nodes * gpus_per_node; }

  [[nodiscard]] std::uint32_t nics_per_node() const { return gpus_per_node / gpus_per_nic; }
};

/// How an axis is written and how values on it are drawn.
enum class Scale : std::uint8_t { bytes, seconds, bandwidth, count, ratio };

/// A number of a case. `from` and `to` is the range that is drawn from where nobody says otherwise:
/// a plan of experiments, not data.
struct AxisInfo {
  std::string_view name;
  std::string_view says;  ///< for people: `GPUs per node`
  Scale scale = Scale::count;
  double from = 0.0;
  double to = 0.0;
  bool overhead = false;  ///< drawn only for a solver that names it
  double (*get)(const Case&) = nullptr;
  void (*set)(Case&, double) = nullptr;  ///< null: follows from others
};

[[nodiscard]] std::span<const AxisInfo> numbers();

/// Null where there is no such number.
[[nodiscard]] const AxisInfo* find_number(std::string_view name);

/// The words of a case: `collective`, `algorithm`, `placement`.
[[nodiscard]] std::span<const std::string_view> words();
[[nodiscard]] const std::string& word(const Case& at, std::string_view name);

/// A value as an experiment file writes it.
[[nodiscard]] std::string value_text(const AxisInfo& axis, double value);

/// `all_reduce by ring, 1 MiB, 2 nodes of 4 GPUs, 1 NIC, …`: what differs from the plainest case.
[[nodiscard]] std::string to_text(const Case& at);

/// An experiment that `plumbline run` takes.
[[nodiscard]] std::string to_yaml(const Case& at, std::string_view name, std::string_view question);

/// The problem of that experiment; InputError where a generator refuses it.
[[nodiscard]] workload::Problem problem_of(const Case& at, const zoo::Catalogue& catalogue);

}  // namespace plumbline::gate
