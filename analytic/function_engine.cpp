// SPDX-License-Identifier: Apache-2.0
#include "analytic/function_engine.hpp"

namespace plumbline::analytic {
namespace {

using Accepts = workload::Validity (*)(const workload::Problem&);
using Run = workload::Outcome (*)(const workload::Problem&);

class FunctionEngine final : public workload::Engine {
 public:
  FunctionEngine(std::string_view name, Accepts accepts_by, Run run_by)
      : name_(name), accepts_(accepts_by), run_(run_by) {}

  [[nodiscard]] std::string_view name() const override { return name_; }

  [[nodiscard]] workload::Validity accepts(const workload::Problem& problem) const override {
    return accepts_(problem);
  }

  [[nodiscard]] workload::Outcome run(const workload::Problem& problem) const override {
    return run_(problem);
  }

 private:
  std::string_view name_;
  Accepts accepts_;
  Run run_;
};

}  // namespace

std::unique_ptr<workload::Engine> function_engine(std::string_view name, Accepts accepts, Run run) {
  return std::make_unique<FunctionEngine>(name, accepts, run);
}

}  // namespace plumbline::analytic
