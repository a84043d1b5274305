// SPDX-License-Identifier: Apache-2.0
// The program that a workload names by its file.
#include <fmt/format.h>

#include "workload/imports/msccl.hpp"
#include "workload/workload_text.hpp"

namespace plumbline::workload {

namespace {

/// What somebody else wrote is proved here, where a mistake is still the file's.
bool check(const core::Cursor& at, const std::shared_ptr<const Program>& program,
           const Workload& workload) {
  if (program->collective != workload.collective || program->ranks != workload.ranks) {
    at.error("PL-W041", fmt::format("the program is an {} of {} GPUs, the request an {} of {}",
                                    to_text(program->collective), program->ranks.value,
                                    to_text(workload.collective), workload.ranks.value));
    return false;
  }
  const std::string why = refuse_program(program, workload.root);
  if (!why.empty()) {
    at.error("PL-W045", fmt::format("the program is no {}: {}", to_text(program->collective), why));
  }
  return why.empty();
}

}  // namespace

bool read_program(const core::Cursor& cursor, const std::filesystem::path& base,
                  Workload& workload) {
  const auto at = cursor.find("file");
  if (workload.algorithm != "msccl") {
    if (at) {
      at->error("PL-W006", "'file' has no meaning without algorithm: msccl", "leave it out");
    }
    return !at;
  }
  if (!at) {
    cursor.error("PL-K002", "the key 'file' is missing", "name the program: file: algo.xml");
    return false;
  }
  const auto file = core::read<std::string>(*at);
  const auto root = file ? core::load_xml(base / *file, cursor.diagnostics()) : std::nullopt;
  auto read = root ? imports::import_msccl(*root, cursor.diagnostics()) : std::nullopt;
  if (!read) {
    return false;
  }
  workload.program = std::make_shared<const Program>(std::move(*read));
  if (!cursor.find("protocol")) {
    workload.protocol = workload.program->protocol;
  }
  return check(*at, workload.program, workload);
}

}  // namespace plumbline::workload
