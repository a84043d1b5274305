// SPDX-License-Identifier: Apache-2.0
// Estimate: a latency and a bandwidth per range of sizes, as fitted to a measured curve.
//
//   T = α_r + S/β_r,  r the first segment with S ≤ up_to
//
// | symbol | meaning |
// |---|---|
// | S | size of the workload, as the measured sets count it |
// | α_r, β_r | of segment r: not properties of a link but of the whole operation on this system |
//
// Citation: Hockney 1994, doi:10.1016/S0167-8191(06)80021-9; Thakur, Rabenseifner and Gropp 2005,
// doi:10.1177/1094342005051521, §3 (regimes by message size).
// Assumptions: the segments were fitted to this collective on this system and number of ranks.
// It knows nothing of fabric or schedule, and that is its use: the null model that every other
// estimate has to beat.
// Bound: none.
// Known to fail: as soon as anything but the size changes (ranks, nodes, placement, protocol).
#include <fmt/format.h>
#include <optional>

#include "analytic/solver.hpp"
#include "core/schema.hpp"
#include "core/units.hpp"

namespace plumbline::analytic::solvers {
namespace {

struct Segment {
  std::optional<core::Bytes> up_to;
  core::Seconds alpha;
  core::Bandwidth bandwidth;

  static const core::Schema<Segment>& schema() {
    static const auto s =
        core::Schema<Segment>("segment of sizes")
            .optional("up_to", &Segment::up_to,
                      "largest size it speaks of; absent in the last: all")
            .required("alpha", &Segment::alpha, "time at size zero")
            .required("bandwidth", &Segment::bandwidth, "size per time beyond that");
    return s;
  }
};

struct Options {
  std::vector<Segment> segments;

  static const core::Schema<Options>& schema() {
    static const auto s = core::Schema<Options>("piecewise Hockney model")
                              .required("segments", &Options::segments,
                                        "ranges of sizes in ascending order, each with its "
                                        "latency and bandwidth");
    return s;
  }
};

class PiecewiseHockney final : public workload::Engine {
 public:
  explicit PiecewiseHockney(std::vector<Segment> segments) : segments_(std::move(segments)) {}

  [[nodiscard]] std::string_view name() const override { return "piecewise_hockney"; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override {
    const workload::Workload& workload = problem.workload();
    if (workload.collective >= workload::Collective::flows) {
      return workload::Validity::no(
          fmt::format("{} has no single size", to_text(workload.collective)));
    }
    if (segment_of(workload.size) == nullptr) {
      return workload::Validity::no(fmt::format("{} is above the last segment's {}",
                                                core::display(workload.size),
                                                core::display(*segments_.back().up_to)));
    }
    return workload::Validity::yes();
  }

  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override {
    const Segment& segment = *segment_of(problem.workload().size);
    workload::Outcome outcome;
    outcome.terms[workload::Term::latency] = segment.alpha;
    outcome.terms[workload::Term::serialisation] = problem.workload().size / segment.bandwidth;
    outcome.estimate = outcome.terms.sum();
    outcome.binding =
        fmt::format("segment {} of {}", &segment - segments_.data() + 1, segments_.size());
    return outcome;
  }

 private:
  [[nodiscard]] const Segment* segment_of(core::Bytes size) const {
    for (const Segment& segment : segments_) {
      if (!segment.up_to || size <= *segment.up_to) {
        return &segment;
      }
    }
    return nullptr;
  }

  std::vector<Segment> segments_;
};

/// Whether every segment can be reached and divided by; reports otherwise.
bool check(const core::Cursor& segments, const std::vector<Segment>& values) {
  bool good = true;
  const auto error = [&](const core::Cursor& at, std::string message, std::string hint) {
    at.error("PL-S020", std::move(message), std::move(hint));
    good = false;
  };
  if (values.empty()) {
    error(segments, "at least one segment is needed", "[{alpha: 9 us, bandwidth: 100 GB/s}]");
  }
  const std::vector<core::Cursor> items = segments.items();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].bandwidth <= core::Bandwidth{}) {
      error(items[i], "the bandwidth of a segment must be more than zero", {});
    }
    if (i > 0 && !values[i - 1].up_to) {
      error(items[i], "the segment before has no up_to and covers every size", "give it an up_to");
    } else if (i > 0 && values[i].up_to && *values[i].up_to <= *values[i - 1].up_to) {
      error(items[i], "segments must be in ascending order of up_to", {});
    }
  }
  return good;
}

std::unique_ptr<workload::Engine> make(const core::Cursor* options) {
  std::optional<Options> bound =
      options == nullptr ? std::nullopt : Options::schema().bind(*options);
  if (!bound || !check(*options->find("segments"), bound->segments)) {
    return nullptr;
  }
  return std::make_unique<PiecewiseHockney>(std::move(bound->segments));
}

}  // namespace

extern const SolverEntry piecewise_hockney{
    .name = "piecewise_hockney",
    .summary = "Calibrated latency and bandwidth per range of sizes: the null model",
    .citation = "Hockney 1994, doi:10.1016/S0167-8191(06)80021-9",
    .validity = "sizes that the segments cover; no flows or pipelines",
    .formula = "alpha_r + S/beta_r",
    .claim = Claim::estimate,
    .bound = false,
    .schema = []() -> const core::SchemaInfo& { return Options::schema(); },
    .make = make};

}  // namespace plumbline::analytic::solvers
