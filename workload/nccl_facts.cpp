// SPDX-License-Identifier: Apache-2.0
#include "workload/nccl_facts.hpp"

namespace plumbline::workload {

const core::Schema<GpuFacts>& GpuFacts::schema() {
  static const auto s =
      core::Schema<GpuFacts>("GPUs of a system")
          .optional("name", &GpuFacts::name, "as its maker calls it")
          .required("arch", &GpuFacts::arch,
                    "generation: volta, ampere, ada, hopper, blackwell, … as the tuner names them");
  return s;
}

const core::Schema<NcclGraph>& NcclGraph::schema() {
  static const auto s =
      core::Schema<NcclGraph>("channels of one algorithm")
          .required("channels", &NcclGraph::channels, "how many")
          .required("intra", &NcclGraph::intra, "bandwidth of one inside a machine")
          .required("inter", &NcclGraph::inter, "bandwidth of one between machines")
          .check([](const core::Cursor& cursor, const NcclGraph& graph) {
            if (graph.channels < 1 || !(graph.intra > core::Bandwidth{}) ||
                !(graph.inter > core::Bandwidth{})) {
              cursor.error("PL-S031", "a graph has at least one channel, and each a bandwidth",
                           "leave the algorithm out where NCCL found no graph");
            }
          });
  return s;
}

const core::Schema<NcclGraphs>& NcclGraphs::schema() {
  static const auto s =
      core::Schema<NcclGraphs>("graphs that NCCL found, on all GPUs")
          .optional("ring", &NcclGraphs::ring, "of rings; absent: derived from the fabric")
          .optional("tree", &NcclGraphs::tree, "of trees; absent: derived")
          .optional("nvls", &NcclGraphs::nvls, "of in-switch reduction; absent: derived")
          .optional("collnet", &NcclGraphs::collnet,
                    "of reduction in the network; absent: the network does not reduce");
  return s;
}

const core::Schema<NcclFacts>& NcclFacts::schema() {
  static const auto s =
      core::Schema<NcclFacts>("what NCCL finds on a system")
          .optional("cpu", &NcclFacts::cpu, "CPU family, as the tuner names them")
          .optional("net_latency", &NcclFacts::net_latency,
                    "latency that the network plugin states", "0 s")
          .optional("one_machine", &NcclFacts::one_machine, "graphs of runs inside one machine")
          .optional("machines", &NcclFacts::machines, "graphs of runs over several machines");
  return s;
}

}  // namespace plumbline::workload
