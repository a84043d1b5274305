// SPDX-License-Identifier: Apache-2.0
#include "gate/gate.hpp"

#include <chrono>

namespace plumbline::gate {

Report validate(analytic::Subject& subject, const GateOptions& options,
                const zoo::Catalogue& catalogue) {
  const auto started = std::chrono::steady_clock::now();
  Report report;
  report.contract = subject.contract();
  report.seed = options.sample.seed;
  Domain domain(report.contract);
  find_works(domain, subject, catalogue);
  report.samples = sample(domain, subject, options.sample, catalogue);
  for (const Sample& sample : report.samples.all) {
    report.judgements.push_back(judge(report.contract, sample));
  }
  report.score = score(report.contract, domain, report.samples.all, report.judgements, report.seed);
  report.properties = properties(subject, report.samples.all);
  report.verdict =
      decide(report.contract, report.samples, report.judgements, report.score, report.properties);
  report.wall = core::Seconds::from_si(
      std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count());
  return report;
}

}  // namespace plumbline::gate
