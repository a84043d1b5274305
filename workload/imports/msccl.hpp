// SPDX-License-Identifier: Apache-2.0
// MSCCL files: the algorithm of a collective as programs of thread blocks
// (github.com/microsoft/msccl-tools, github.com/Azure/msccl-executor-nccl).
//
// A thread block carries out its steps one after the other; a step also waits for the one that
// depid and deps name. The n-th send of a block to a peer on a channel meets the n-th receive from
// it there. A message waits in a buffer until it is received, however long: a send ends when the
// data is across. What a rank does on its own, copying and adding between its buffers, takes no
// time; adding what arrives costs what it does in every reduce. The file's loops over parts of a
// large buffer are not made: each step moves its share of the whole.
//
// nchunksperloop is taken as the chunks of the larger of input and output; i_chunks and o_chunks
// are not needed. In place, both are one buffer, laid out as NCCL has it.
#pragma once

#include <optional>

#include "core/xml.hpp"
#include "workload/program.hpp"

namespace plumbline::workload::imports {

/// The program of an <algo>; not yet proved. Nullopt after an error.
[[nodiscard]] std::optional<Program> import_msccl(const core::XmlElement& root,
                                                  core::Diagnostics& diagnostics);

}  // namespace plumbline::workload::imports
