// SPDX-License-Identifier: Apache-2.0
// Rings on a grid of ranks, along every row and along every column. `grid: [rows, columns]` numbers
// ranks row by row; the rings close, so that on a torus every hop is one link.
//
// | collective | |
// |---|---|
// | all_reduce | reduce_scatter along rows, all_reduce of the part along columns, all_gather back |
// | all_gather | along rows each rank's chunk, then along columns what a row has |
// | reduce_scatter | the same backwards |
//
// all_reduce numbers its chunks column·rows + row: a row's ring gives its rank in column j the
// chunks [j·rows, j·rows + rows), which the column's ring then shares out.
#include <array>
#include <fmt/format.h>

#include "workload/collectives/common.hpp"
#include "workload/collectives/rounds.hpp"

namespace plumbline::workload::collectives {

namespace {

constexpr std::array supported{Collective::all_reduce, Collective::all_gather,
                               Collective::reduce_scatter};

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

/// The rings along rows, and those along columns.
struct Rings {
  std::vector<std::vector<RingMember>> rows;
  std::vector<std::vector<RingMember>> columns;
};

/// `first_in_row` and `first_in_column` say what a rank owns, by its row and column.
template <class InRow, class InColumn>
Rings rings(const Workload& workload, const InRow& first_in_row, const InColumn& first_in_column) {
  Rings found{.rows = decltype(Rings::rows)(workload.grid[0]),
              .columns = decltype(Rings::columns)(workload.grid[1])};
  for (std::uint32_t i = 0; i < workload.grid[0]; ++i) {
    for (std::uint32_t j = 0; j < workload.grid[1]; ++j) {
      const RankId rank(i * workload.grid[1] + j);
      found.rows[i].push_back({rank, first_in_row(i, j)});
      found.columns[j].push_back({rank, first_in_column(i, j)});
    }
  }
  return found;
}

Schedule generate(const Workload& workload, RouteSource& routes) {
  const std::uint32_t rows = workload.grid[0];
  const std::uint32_t columns = workload.grid[1];
  RoundWriter writer(workload, routes, workload.ranks.value);
  if (workload.collective == Collective::all_reduce) {
    const Rings along = rings(
        workload, [&](std::uint32_t, std::uint32_t j) { return j * rows; },
        [&](std::uint32_t i, std::uint32_t j) { return j * rows + i; });
    add_rings(writer, OpKind::reduce, along.rows, rows);
    add_rings(writer, OpKind::reduce, along.columns, 1);
    add_rings(writer, OpKind::copy, along.columns, 1);
    add_rings(writer, OpKind::copy, along.rows, rows);
    return writer.finish();
  }
  const Rings along = rings(
      workload, [&](std::uint32_t i, std::uint32_t j) { return i * columns + j; },
      [&](std::uint32_t i, std::uint32_t) { return i * columns; });
  if (workload.collective == Collective::all_gather) {
    add_rings(writer, OpKind::copy, along.rows, 1);
    add_rings(writer, OpKind::copy, along.columns, columns);
  } else {
    add_rings(writer, OpKind::reduce, along.columns, columns);
    add_rings(writer, OpKind::reduce, along.rows, 1);
  }
  return writer.finish();
}

}  // namespace

extern const GeneratorEntry torus_2d{
    .name = "torus_2d",
    .collectives = supported,
    .summary = "Rings along the rows and columns of a grid, one after the other",
    .citation =
        "Mikami et al., Massively distributed SGD: ImageNet/ResNet-50 training in a flash, 2018, "
        "§2.2, arXiv:1811.05233",
    .refuses = refuses,
    .generate = generate};

}  // namespace plumbline::workload::collectives
