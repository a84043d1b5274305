// SPDX-License-Identifier: Apache-2.0
#include "workload/workload_text.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "workload/generator.hpp"

namespace plumbline::workload {

namespace {

core::FieldInfo name_field(std::string key, std::string doc, std::string default_text,
                           std::vector<std::string> choices) {
  return {.key = std::move(key),
          .type = "name",
          .json_type = "string",
          .doc = std::move(doc),
          .sweeps = true,
          .default_text = std::move(default_text),
          .choices = std::move(choices)};
}

core::FieldInfo part_field(std::string key, std::string type, std::string json_type,
                           std::string doc, const core::SchemaInfo& nested) {
  return {.key = std::move(key),
          .type = std::move(type),
          .json_type = std::move(json_type),
          .doc = std::move(doc),
          .nested = std::make_shared<const core::SchemaInfo>(nested)};
}

}  // namespace

std::vector<std::string> collective_names() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < static_cast<std::size_t>(Collective::flows); ++i) {
    names.emplace_back(to_text(static_cast<Collective>(i)));
  }
  return names;
}

std::vector<std::string> protocol_names() {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < protocol_count; ++i) {
    names.emplace_back(to_text(static_cast<Protocol>(i)));
  }
  return names;
}

std::vector<std::string> ring_order_names() {
  return {"by_rank", "both_directions", "rotated"};
}

std::vector<std::string> algorithm_names(std::optional<Collective> collective) {
  std::vector<std::string> names;
  for (const GeneratorEntry* entry : generators()) {
    const auto& supported = entry->collectives;
    const bool fits =
        collective ? std::find(supported.begin(), supported.end(), *collective) != supported.end()
                   : supported.front() < Collective::flows;
    if (fits) {
      names.emplace_back(entry->name);
    }
  }
  return names;
}

std::vector<std::string> with_automatic(std::vector<std::string> names) {
  names.emplace_back(automatic);
  return names;
}

const core::Schema<FlowText>& FlowText::schema() {
  static const auto s = core::Schema<FlowText>("flow")
                            .required("from", &FlowText::from, "name of the sending device")
                            .required("to", &FlowText::to, "name of the receiving device")
                            .required("size", &FlowText::size, "payload, above zero")
                            .optional("start", &FlowText::start, "when it starts", "0 s")
                            .also({.key = "via",
                                   .type = "name or list",
                                   .json_type = "",
                                   .doc = "devices that all bytes are moved to first, one after "
                                          "the other, as in a copy staged through host memory"})
                            .optional("chunk", &FlowText::chunk,
                                      "largest piece: pieces leave one after the other, and each "
                                      "goes on once it has arrived; absent: no cutting");
  return s;
}

const core::Schema<PipelineText>& PipelineText::schema() {
  static const auto s =
      core::Schema<PipelineText>("pipeline")
          .choice("schedule", &PipelineText::schedule, "the order of forwards and backwards",
                  {"gpipe", "1f1b", "interleaved"})
          .required("micro_batches", &PipelineText::micro_batches, "in one step")
          .optional("virtual_stages", &PipelineText::virtual_stages,
                    "stages per rank, of interleaved", "1")
          .optional("forward", &PipelineText::forward,
                    "one micro-batch's time on one rank's whole share; this or forward_per_rank")
          .optional("forward_per_rank", &PipelineText::forward_per_rank,
                    "the same, a list with one time per rank")
          .optional("backward", &PipelineText::backward,
                    "one micro-batch's time on one rank's whole share; this or "
                    "backward_per_rank")
          .optional("backward_per_rank", &PipelineText::backward_per_rank,
                    "the same, a list with one time per rank")
          .optional("activation", &PipelineText::activation,
                    "bytes to the next stage, and as many back as gradient; zero: no transfer",
                    "0 B");
  return s;
}

const core::Schema<SkewText>& SkewText::schema() {
  static const auto s =
      core::Schema<SkewText>("skew")
          .required("zipf", &SkewText::zipf,
                    "exponent: the i-th most popular rank gets a share proportional to 1/i^zipf")
          .optional("seed", &SkewText::seed, "of the order of popularity", "0");
  return s;
}

const core::Schema<ExpertsText>& ExpertsText::schema() {
  static const auto s =
      core::Schema<ExpertsText>("experts")
          .required("count", &ExpertsText::count, "experts, as many on every machine")
          .required("per_token", &ExpertsText::per_token,
                    "different experts that each token goes to; drawn evenly");
  return s;
}

const core::Schema<PermutationText>& PermutationText::schema() {
  static const auto s =
      core::Schema<PermutationText>("permutation")
          .choice("pattern", &PermutationText::pattern,
                  "who sends to whom: the rank `by` further on, the transposed place of a square "
                  "of ranks, or any permutation",
                  {"shift", "transpose", "random"})
          .optional("by", &PermutationText::by, "of shift", "1")
          .optional("seed", &PermutationText::seed, "of random", "0");
  return s;
}

const core::Schema<PartText>& PartText::schema() {
  static const auto s =
      core::Schema<PartText>("part")
          .also({.key = "run",
                 .type = "map",
                 .json_type = "object",
                 .doc = "a workload, written as it would be by itself; its ranks are the group's",
                 .required = true})
          .optional("name", &PartText::name, "what results call it", "its number and collective")
          .optional("group", &PartText::group,
                    "a process group: one such workload runs in each of its groups of ranks")
          .optional("members", &PartText::members,
                    "the ranks that take part, as a list; this or group; without either: all")
          .optional("start", &PartText::start, "when it starts", "0 s")
          .check([](const core::Cursor& cursor, const PartText&) {
            if (!cursor.find("run")) {
              cursor.error("PL-K002", "the key 'run' is missing",
                           "write run: {collective: all_reduce, algorithm: ring, size: 1 MB}");
            }
          });
  return s;
}

const core::Schema<TogetherText>& TogetherText::schema() {
  static const auto s =
      core::Schema<TogetherText>("together")
          .also({.key = "together", .type = "list", .json_type = "array", .doc = "the parts"})
          .also({.key = "groups", .type = "map", .json_type = "object", .doc = "process groups"})
          .also({.key = "ranks", .type = "count", .json_type = "integer", .doc = "of the whole"});
  return s;
}

const core::Schema<WorkloadText>& WorkloadText::schema() {
  static const auto s =
      core::Schema<WorkloadText>("workload")
          .also(name_field(
              "collective",
              "what is done; exactly one of collective, flows, pipeline, compute and together", {},
              collective_names()))
          .also(part_field("flows", "list or map", "array",
                           "transfers between any two devices; several lists, by name, are a "
                           "sweep over cases, and a measured set's rows are found by these names",
                           FlowText::schema()))
          .also(part_field("pipeline", "map", "object",
                           "one training step through a pipeline, a stage (or several) per rank",
                           PipelineText::schema()))
          .also(part_field("skew", "map", "object",
                           "of all_to_allv: how unequally popular the ranks are; this or sizes",
                           SkewText::schema()))
          .also({.key = "sizes",
                 .type = "list",
                 .json_type = "array",
                 .doc = "of all_to_allv: one list per rank with its bytes for every rank, instead "
                        "of size and skew"})
          .also(part_field("experts", "map", "object",
                           "of all_to_all and all_to_allv: whom the bytes are for; a token for "
                           "several experts on a machine crosses to it once by hierarchical",
                           ExpertsText::schema()))
          .also(part_field("permutation", "map", "object", "of permutation: who sends to whom",
                           PermutationText::schema()))
          .also(part_field("together", "list", "array",
                           "several workloads at once, sharing the fabric", PartText::schema()))
          .also({.key = "groups",
                 .type = "map",
                 .json_type = "object",
                 .doc =
                     "of together: process groups laid over the ranks, name to size, the fastest "
                     "varying first, as {tensor: 8, pipeline: 2, data: 4}"})
          .also(name_field("algorithm",
                           "needed where a collective has several; auto: what `choose` takes, its "
                           "channels included",
                           {}, with_automatic(algorithm_names(std::nullopt))))
          .also(name_field("protocol",
                           "whose constants every transfer pays; none: no overhead; auto: what "
                           "`choose` takes, as where the algorithm is auto and this is absent",
                           "none", with_automatic(protocol_names())))
          .also({.key = "ranks",
                 .type = std::string(core::Reader<std::uint32_t>::type_name),
                 .json_type = std::string(core::Reader<std::uint32_t>::json_type),
                 .doc = "how many ranks take part, 2 to 1,048,576",
                 .sweeps = true,
                 .default_text = "every endpoint"})
          .optional("size", &WorkloadText::size,
                    "of a collective, as nccl-tests counts: one rank's buffer; all_gather, "
                    "reduce_scatter, gather and scatter: the total; incast, outcast and "
                    "permutation: what goes from one rank to another; barrier: one signal; "
                    "ping_pong and stream: one message")
          .optional("compute", &WorkloadText::compute, "every rank computes for this time")
          .optional("file", &WorkloadText::file,
                    "of msccl: the program; a relative path counts from this file")
          .optional("channels", &WorkloadText::channels,
                    "parts of the buffer that move side by side, of ring, chain and "
                    "double_binary_tree",
                    "1")
          .optional(
              "chunk", &WorkloadText::chunk,
              "largest piece sent at once, of ring, chain, double_binary_tree, nvls, nvls_tree and "
              "sharp_leaders; absent: no cutting, but where `choose` takes a tree, NCCL's")
          .optional("slots", &WorkloadText::slots,
                    "pieces under way on a channel between two ranks, of the same but nvls", "1")
          .optional("messages", &WorkloadText::messages,
                    "of stream: how many are under way at once; a measured time is one's share",
                    "1")
          .also(name_field("rings",
                           "how a ring's channels pass the ranks: by a name, a list of orders such "
                           "as [[0, 1, 2, 3], [0, 2, 1, 3]], or {nccl_graph: FILE}, what "
                           "NCCL_GRAPH_DUMP_FILE wrote; the last two also of double_binary_tree, "
                           "inside machines",
                           "by_rank", ring_order_names()))
          .optional("grid", &WorkloadText::grid, "rows and columns of ranks, of torus_2d: [4, 4]")
          .choice(
              "inner", &WorkloadText::inner,
              "of hierarchical: how the ranks of a machine exchange, around a ring (all_to_all: "
              "pairwise) or direct, all at once",
              {"ring", "direct"}, "ring")
          .optional("root", &WorkloadText::root,
                    "of broadcast, reduce, gather, scatter, incast and outcast", "0");
  return s;
}

const core::SchemaInfo& workload_schema() {
  return WorkloadText::schema();
}

}  // namespace plumbline::workload
