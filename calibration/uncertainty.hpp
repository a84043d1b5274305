// SPDX-License-Identifier: Apache-2.0
// How well a fit determines its parameters.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calibration/fit.hpp"

namespace plumbline::calibration {

/// What errs independently: each point, or each group as a whole.
enum class Clusters { points, groups };

enum class Sides {
  two,
  upper_only,    ///< the parameter sits on its low bound: the interval starts there
  lower_only,    ///< it sits on its high bound
  undetermined,  ///< the interval is the whole range: the points don't narrow it
  held,          ///< the parameter was fixed
};

/// In natural units, exp(theta).
struct ParameterInterval {
  double value = 0.0;
  double low = 0.0;
  double high = 0.0;
  double standard_error = 0.0;  ///< of theta, so relative to the value
  double degrees = 0.0;         ///< of freedom, of the t quantile
  Sides sides = Sides::two;
  std::string note;  ///< what people must know of it; empty for two sides
};

struct Uncertainty {
  std::vector<ParameterInterval> parameters;
  Matrix covariance;   ///< of theta; zero in the rows of held parameters
  Matrix correlation;  ///< of theta; the unit matrix in the rows of held parameters
};

/// Sandwich covariance of the robust fit, and t intervals at `level`.
///
/// With pseudo-residuals e_i = K psi(r_i/s_i)/mean(psi') and X_i = J_i/s_i (both times sqrt(w_i))
/// the fit is, near its optimum, least squares of e on X (Huber 1981, section 7.6, with its
/// correction K = 1 + p/n (1 - mean psi')/mean psi'). Its sandwich is the bias-reduced one: CR2,
/// which is HC2 for clusters of one point; the degrees of freedom of each parameter are
/// Satterthwaite's for that estimate (Bell & McCaffrey 2002; Pustejovsky & Tipton 2018,
/// doi:10.1080/07350015.2016.1247004). Priors enter as observations of known precision; so do the
/// ranges, as normal priors as wide as the range, which keeps directions that no point sees finite.
///
/// A parameter on a bound has a one-sided interval, from the bound to t standard errors from it,
/// and the others' errors are those with it held there. Intervals never leave the ranges.
///
/// Where the fit has found other optima that are about as good (another protocol explains the same
/// points), each parameter's interval also holds what lies around those: covariance and errors are
/// those at the best. What no start has found is in no interval.
[[nodiscard]] Uncertainty uncertainty(const FitProblem& problem, const Fit& fit, Clusters clusters,
                                      double level = 0.95, const FitOptions& options = {});

struct BootstrapOptions {
  std::uint32_t replicates = 400;
  std::uint64_t seed = 1;
  double level = 0.95;
};

inline constexpr std::size_t fewest_bootstrap_groups = 8;

struct Bootstrap {
  std::vector<std::vector<double>> thetas;  ///< one a replicate
  std::vector<ParameterInterval> parameters;
};

/// Group bootstrap: draws groups with replacement, refits from the optimum, and takes the
/// bias-corrected and accelerated interval (Efron 1987, doi:10.1080/01621459.1987.10478410), the
/// acceleration from leaving out each group. ModelError below fewest_bootstrap_groups groups.
[[nodiscard]] Bootstrap bootstrap(const FitProblem& problem, const Fit& fit,
                                  const BootstrapOptions& bootstrap_options = {},
                                  const FitOptions& options = {});

}  // namespace plumbline::calibration
