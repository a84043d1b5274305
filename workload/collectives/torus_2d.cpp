// SPDX-License-Identifier: Apache-2.0
// all_reduce on a grid of ranks: a ring reduce_scatter along every row, a ring all_reduce of the
// row's part along every column, a ring all_gather along the rows. `grid: [rows, columns]` numbers
// ranks row by row; the rings close, so that on a torus every hop is one link.
//
// Chunk column·rows + row: a row's ring gives its rank in column j the chunks [j·rows, j·rows +
// rows), which the column's ring then shares out.
#include <array>
#include <fmt/format.h>

#include "workload/collectives/common.hpp"
#include "workload/collectives/rounds.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce};

std::string refuses(const Workload& workload) {
  const std::vector<std::uint32_t>& grid = workload.grid;
  if (grid.size() != 2 || grid[0] < 2 || grid[1] < 2 ||
      std::uint64_t{grid[0]} * grid[1] != workload.ranks.value) {
    return fmt::format(
        "it needs grid: [rows, columns], two at least of either, whose product is {} ranks",
        workload.ranks.value);
  }
  if (std::string why = refuse_options(workload, {Option::grid}); !why.empty()) {
    return why;
  }
  const std::uint64_t steps = 2 * (grid[0] - 1) + 2 * (grid[1] - 1);
  return refuse_size(steps * workload.ranks.value);
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t rows = workload.grid[0];
  const std::uint32_t columns = workload.grid[1];
  std::vector<std::vector<RingMember>> along_rows(rows);
  std::vector<std::vector<RingMember>> along_columns(columns);
  for (std::uint32_t i = 0; i < rows; ++i) {
    for (std::uint32_t j = 0; j < columns; ++j) {
      const RankId rank(i * columns + j);
      along_rows[i].push_back({rank, j * rows});
      along_columns[j].push_back({rank, j * rows + i});
    }
  }
  RoundWriter writer(workload, routes, workload.ranks.value);
  add_rings(writer, OpKind::reduce, along_rows, rows);
  add_rings(writer, OpKind::reduce, along_columns, 1);
  add_rings(writer, OpKind::copy, along_columns, 1);
  add_rings(writer, OpKind::copy, along_rows, rows);
  return writer.finish();
}

}  // namespace

extern const GeneratorEntry torus_2d{
    .name = "torus_2d",
    .collectives = supported,
    .summary = "On a grid: reduce_scatter along rows, all_reduce along columns, all_gather back",
    .citation =
        "Mikami et al., Massively distributed SGD: ImageNet/ResNet-50 training in a flash, 2018, "
        "§2.2, arXiv:1811.05233",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
