// SPDX-License-Identifier: Apache-2.0
#include "analytic/nccl_tables.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

#include "core/text.hpp"

namespace plumbline::analytic::nccl {
namespace {

using core::Cursor;
using core::Schema;
using workload::Protocol;

constexpr std::size_t machine_columns = 3;

/// A value at a column of machines is missing, or a list has one too many.
void check_columns(const Cursor& cursor, const Caps& caps) {
  const auto check = [&](const char* key, const ByMachines& values) {
    if (values.size() != machine_columns) {
      cursor.find(key)->error("PL-S030", fmt::format("{} values of {}", values.size(), key),
                              "one machine, two machines, more: three values");
    }
  };
  check("ll", caps.ll);
  check("ring_ll128", caps.ring_ll128);
  check("tree_ll128", caps.tree_ll128);
  check("tree", caps.tree);
  check("nvls_tree", caps.nvls_tree);
}

/// A map whose keys are the file's own.
template <class T>
std::optional<std::map<std::string, T, std::less<>>> read_map(const Cursor& parent,
                                                              const char* key) {
  const std::optional<Cursor> at = parent.require(key);
  if (!at) {
    return std::nullopt;
  }
  if (!at->is_map()) {
    at->error("PL-K005", fmt::format("a map from name to {} is expected here", key));
    return std::nullopt;
  }
  std::map<std::string, T, std::less<>> result;
  bool good = true;
  for (const std::string& name : at->keys()) {
    if (name == "source" || name == "note" || name == "unverified") {
      continue;
    }
    std::optional<T> value = T::schema().bind(*at->find(name));
    good = good && value;
    if (value) {
      result.emplace(name, std::move(*value));
    }
  }
  return good ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<std::map<Algorithm, AlgorithmTimes>> read_times(const Cursor& cursor) {
  auto named = read_map<AlgorithmTimes>(cursor, "algorithms");
  if (!named) {
    return std::nullopt;
  }
  std::map<Algorithm, AlgorithmTimes> result;
  std::vector<std::string> names;
  for (const Algorithm algorithm : algorithms) {
    names.emplace_back(to_text(algorithm));
    if (const auto found = named->find(to_text(algorithm)); found != named->end()) {
      result[algorithm] = found->second;
      named->erase(found);
    }
  }
  for (const auto& [name, unused] : *named) {
    cursor.find("algorithms")
        ->find(name)
        ->error("PL-N001", fmt::format("'{}' is no algorithm of NCCL", name),
                core::suggest(name, names));
  }
  return named->empty() ? std::optional(std::move(result)) : std::nullopt;
}

std::optional<Search> read_search(const Cursor& cursor) {
  const std::optional<Cursor> at = cursor.require("search");
  if (!at) {
    return std::nullopt;
  }
  static const auto schema =
      Schema<Search>("graph search")
          .required("most_channels", &Search::most_channels, "of one algorithm")
          .required("slowest_share", &Search::slowest_share,
                    "of the best speed so far: slower ones are not tried")
          .required("doubled_from", &Search::doubled_from,
                    "speed from which every channel is cut in two")
          .required("doubled_from_many", &Search::doubled_from_many,
                    "the same for many channels from Hopper on")
          .required("few_channels", &Search::few_channels, "as many are not yet many")
          .required("pcie", &Search::pcie, "what slots of each generation count as, slowest first")
          .also({.key = "speeds", .type = "map", .json_type = "object", .doc = "lists of speeds"});
  std::optional<Search> search = schema.bind(*at);
  auto speeds = at->is_map() ? read_map<Speeds>(*at, "speeds") : std::nullopt;
  if (!search || !speeds) {
    return std::nullopt;
  }
  search->speeds = std::move(*speeds);
  return search;
}

/// Every name that one table uses of another is there.
bool names_are_known(const Tables& tables, const Cursor& cursor) {
  bool good = true;
  const auto check = [&](const char* table, const std::string& entry, const char* key,
                         const std::string& name, const auto& known) {
    if (!known.contains(name)) {
      cursor.find(table)->find(entry)->find(key)->error(
          "PL-N001", fmt::format("'{}' is no entry of this file", name));
      good = false;
    }
  };
  for (const auto& [name, arch] : tables.architectures) {
    check("architectures", name, "caps", arch.caps, tables.generations);
    check("architectures", name, "search", arch.search, tables.search.speeds);
  }
  for (const auto& [name, cpu] : tables.cpus) {
    check("cpus", name, "several_machines", cpu.several_machines, tables.generations);
  }
  return good;
}

core::FieldInfo map_field(const char* key, const char* doc) {
  return {.key = key, .type = "map", .json_type = "object", .doc = doc, .required = true};
}

const Schema<Tables>& schema() {
  static const auto s =
      Schema<Tables>("tuner of NCCL")
          .required("tuner", &Tables::name, "the file's name")
          .optional("title", &Tables::title, "one line for people")
          .also(map_field("algorithms", "algorithm → {base, nvlink, pcie, net} latencies"))
          .also(map_field("generations", "generation → caps of its bandwidth"))
          .required("factors", &Tables::factors, "on the bandwidth of a graph")
          .required("tree_correction", &Tables::tree_correction, "factors by size")
          .required("latencies", &Tables::latencies, "others")
          .required("chunks", &Tables::chunks, "what channels are cut into")
          .also(map_field("architectures", "GPU architecture → generation, NVLink rate"))
          .also(map_field("cpus", "CPU family → rate between sockets, network overhead"))
          .also(map_field("search", "of the graph search"));
  return s;
}

}  // namespace

std::string_view to_text(Algorithm algorithm) {
  constexpr std::array<std::string_view, algorithms.size()> names{
      "tree", "ring", "collnet_direct", "collnet_chain", "nvls", "nvls_tree", "pat"};
  return names[static_cast<std::size_t>(algorithm)];
}

std::optional<core::Seconds> ProtocolTimes::of(Protocol protocol) const {
  switch (protocol) {
    case Protocol::ll:
      return ll;
    case Protocol::ll128:
      return ll128;
    case Protocol::simple:
      return simple;
    case Protocol::none:
      break;
  }
  return std::nullopt;
}

double TreeCorrection::at(Protocol protocol, core::Bytes size) const {
  const std::vector<double>& factors = protocol == Protocol::ll      ? ll
                                       : protocol == Protocol::ll128 ? ll128
                                                                     : simple;
  const double doublings = std::max(0.0, std::floor(std::log2(size / from)));
  return doublings < static_cast<double>(factors.size())
             ? factors[static_cast<std::size_t>(doublings)]
             : 1.0;
}

const Schema<ProtocolTimes>& ProtocolTimes::schema() {
  static const auto s =
      Schema<ProtocolTimes>("time per protocol")
          .optional("ll", &ProtocolTimes::ll, "LL; absent: not available")
          .optional("ll128", &ProtocolTimes::ll128, "LL128; absent: not available")
          .optional("simple", &ProtocolTimes::simple, "Simple");
  return s;
}

const Schema<AlgorithmTimes>& AlgorithmTimes::schema() {
  static const auto s = Schema<AlgorithmTimes>("latencies of one algorithm")
                            .required("base", &AlgorithmTimes::base, "paid once")
                            .required("nvlink", &AlgorithmTimes::nvlink, "of one step over NVLink")
                            .required("pcie", &AlgorithmTimes::pcie, "of one step over PCIe")
                            .required("net", &AlgorithmTimes::net, "of one step between machines");
  return s;
}

const Schema<Caps>& Caps::schema() {
  static const auto s =
      Schema<Caps>("caps of one generation")
          .required("ll", &Caps::ll, "LL, all channels: on one machine, two, more")
          .required("ring_ll128", &Caps::ring_ll128, "LL128 of a ring, one channel")
          .required("tree_ll128", &Caps::tree_ll128, "LL128 of a tree, one channel")
          .required("tree", &Caps::tree, "of a tree, one channel")
          .required("nvls_tree", &Caps::nvls_tree, "of a tree of switches, one channel")
          .required("nvls_efficiency", &Caps::nvls_efficiency,
                    "of the switches' reduction; 0: none")
          .required("ring_plateau", &Caps::ring_plateau, "on a ring's latency over machines")
          .check(check_columns);
  return s;
}

const Schema<Factors>& Factors::schema() {
  static const auto s =
      Schema<Factors>("factors on a graph's bandwidth")
          .required("ring_ll", &Factors::ring_ll, "a ring's LL")
          .required("ring_ll128", &Factors::ring_ll128, "a ring's LL128")
          .required("tree", &Factors::tree, "every tree")
          .required("tree_ll", &Factors::tree_ll, "a tree's LL, further")
          .required("tree_ll128_one_machine", &Factors::tree_ll128_one_machine, "a tree's LL128")
          .required("tree_ll128", &Factors::tree_ll128, "the same over machines")
          .required("plain_tree", &Factors::plain_tree, "a tree that enters and leaves by one GPU")
          .required("pat", &Factors::pat, "PAT")
          .required("collnet_direct", &Factors::collnet_direct, "CollNet direct from Hopper on")
          .required("collnet_net", &Factors::collnet_net, "network of an all_gather by CollNet");
  return s;
}

const Schema<TreeCorrection>& TreeCorrection::schema() {
  static const auto s =
      Schema<TreeCorrection>("tree correction")
          .required("from", &TreeCorrection::from, "size of the first factor; each next: twice")
          .required("ll", &TreeCorrection::ll, "LL")
          .required("ll128", &TreeCorrection::ll128, "LL128")
          .required("simple", &TreeCorrection::simple, "Simple")
          .check([](const Cursor& cursor, const TreeCorrection& table) {
            if (!(table.from > core::Bytes{})) {
              cursor.find("from")->error("PL-W003", "sizes are above zero");
            }
          });
  return s;
}

const Schema<OtherLatencies>& OtherLatencies::schema() {
  static const auto s =
      Schema<OtherLatencies>("other latencies")
          .required("pat_rank", &OtherLatencies::pat_rank, "of PAT, per rank")
          .required("pat_steps", &OtherLatencies::pat_steps, "steps of PAT that overlap")
          .required("collnet_rank", &OtherLatencies::collnet_rank, "of CollNet direct, per rank")
          .required("simple_overhead", &OtherLatencies::simple_overhead,
                    "Simple's network overhead over the others'")
          .required(
              "plateau_from", &OtherLatencies::plateau_from,
              "bytes of one channel and rank from which a ring over machines has its plateau");
  return s;
}

core::Bytes Chunks::of_tree(Protocol protocol, core::Bytes stream, std::uint32_t machines,
                            double gpus_per_machine) const {
  if (protocol != Protocol::ll128) {
    return protocol == Protocol::ll ? ll : simple;
  }
  const double steps =
      ll128_steps + std::floor(std::log2(machines)) + ll128_steps_per_gpu * gpus_per_machine;
  core::Bytes chunk = ll128;
  for (std::size_t i = 0; i < ll128_pieces.size(); ++i) {
    while (stream / chunk < ll128_pieces[i] * steps / gpus_per_machine && chunk > ll128_least[i]) {
      chunk = chunk / 2.0;
    }
  }
  return chunk;
}

const Schema<Chunks>& Chunks::schema() {
  static const auto s =
      Schema<Chunks>("chunks")
          .required("slots", &Chunks::slots, "pieces of a channel under way at once")
          .required("nvls", &Chunks::nvls, "piece of each GPU's part of an in-switch all_reduce")
          .required("ll", &Chunks::ll, "payload of a slot of LL")
          .required("ll128", &Chunks::ll128, "of LL128, which halves it")
          .required("simple", &Chunks::simple, "of Simple")
          .required("ll128_steps", &Chunks::ll128_steps, "of a tree, beside log2 of the machines")
          .required("ll128_steps_per_gpu", &Chunks::ll128_steps_per_gpu, "and of a machine's chain")
          .required("ll128_pieces", &Chunks::ll128_pieces,
                    "times steps over GPUs of a machine: the fewest pieces, as long as")
          .required("ll128_least", &Chunks::ll128_least, "they are larger than this")
          .check([](const Cursor& cursor, const Chunks& chunks) {
            const core::Bytes nothing;
            if (!(chunks.ll > nothing && chunks.ll128 > nothing && chunks.simple > nothing)) {
              cursor.error("PL-W003", "sizes are above zero");
            }
            if (chunks.ll128_pieces.size() != chunks.ll128_least.size()) {
              cursor.error("PL-S030", "ll128_pieces and ll128_least go together, one for one");
            }
          });
  return s;
}

const Schema<Architecture>& Architecture::schema() {
  static const auto s =
      Schema<Architecture>("GPU architecture")
          .required("compute_capability", &Architecture::compute_capability, "times ten")
          .required("caps", &Architecture::caps, "generation whose caps hold")
          .required("search", &Architecture::search, "list of speeds that are tried")
          .required("nvlink", &Architecture::nvlink, "what one NVLink counts as");
  return s;
}

const Schema<Cpu>& Cpu::schema() {
  static const auto s =
      Schema<Cpu>("CPU family")
          .required("between_sockets", &Cpu::between_sockets, "what the way to a socket counts as")
          .required("net_overhead", &Cpu::net_overhead, "of posting to the network")
          .required("several_machines", &Cpu::several_machines,
                    "generation whose LL cap holds from two machines on");
  return s;
}

const Schema<Speeds>& Speeds::schema() {
  static const auto s =
      Schema<Speeds>("speeds of a channel")
          .required("one_machine", &Speeds::one_machine, "inside one machine, fastest first")
          .required("machines", &Speeds::machines, "over several machines, fastest first");
  return s;
}

const core::SchemaInfo& tables_schema() {
  return schema();
}

std::optional<Tables> read_tables(const Cursor& cursor) {
  std::optional<Tables> tables = schema().bind(cursor);
  if (!cursor.is_map()) {
    return std::nullopt;
  }
  auto times = read_times(cursor);
  auto generations = read_map<Caps>(cursor, "generations");
  auto architectures = read_map<Architecture>(cursor, "architectures");
  auto cpus = read_map<Cpu>(cursor, "cpus");
  auto search = read_search(cursor);
  if (!tables || !times || !generations || !architectures || !cpus || !search) {
    return std::nullopt;
  }
  tables->times = std::move(*times);
  tables->generations = std::move(*generations);
  tables->architectures = std::move(*architectures);
  tables->cpus = std::move(*cpus);
  tables->search = std::move(*search);
  return names_are_known(*tables, cursor) ? std::move(tables) : std::nullopt;
}

}  // namespace plumbline::analytic::nccl
