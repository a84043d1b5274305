// SPDX-License-Identifier: Apache-2.0
// One function per verb. They return the exit code, and throw the four exceptions for main to
// report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "app/console.hpp"
#include "app/exit_code.hpp"
#include "calibration/reader.hpp"
#include "experiments/experiment.hpp"
#include "zoo/catalogue.hpp"

namespace plumbline::app {

struct RunArguments {
  std::string file;
  std::vector<experiments::Override> overrides;
  std::optional<std::string> output;  ///< a directory
  unsigned jobs = 1;
  bool predict = true;
  bool replay = true;
  bool timeline = false;
  bool dry_run = false;
  bool links = false;
  bool csv = false;
  std::string command_line;  ///< for the result's `run` object
};

struct DrawArguments {
  std::string what;                   ///< zoo name, or a file of a system or experiment
  std::optional<std::string> output;  ///< a file; else stdout
  std::string format;                 ///< for stdout
  bool full = false;                  ///< every device, however alike
};

struct MeasuredArguments {
  std::vector<std::string> files;
  calibration::ReadRequest request;
  std::optional<std::string> output;  ///< a folder
};

struct CalibrateArguments {
  std::vector<std::string> files;  ///< experiments with `measured:`
  std::vector<std::string> score;  ///< experiments that are predicted and not fitted on
  std::vector<experiments::Override> overrides;
  std::optional<std::string> output;  ///< a constants file
  std::optional<std::string> plots;   ///< a folder for a picture of each curve
  std::uint32_t max_parameters = 15;
  std::uint32_t replicates = 400;  ///< of the bootstrap
  std::uint64_t seed = 1;
  bool simplify = true;
  bool suggest = true;
};

struct ValidateArguments {
  std::vector<std::string> solver;  ///< a built-in one's name, or a command with its arguments
  std::optional<std::uint64_t> seed;
  std::optional<std::size_t> points;
  bool thorough = false;
  unsigned jobs = 1;
  std::vector<std::string> reads;       ///< what it may read beside its own
  bool network = false;                 ///< whether it may use it
  std::vector<std::string> measured{};  ///< experiments with `measured:`
  bool watch = false;                   ///< judges again whenever the solver changes
  std::optional<std::string> output;    ///< a folder
  std::optional<std::string> baseline;  ///< a scorecard
  std::optional<std::string> junit;     ///< a file
};

/// `explain route`: its ends are devices of a zoo system or system file.
struct RouteQuestion {
  std::string from;
  std::string to;
  std::string system;
  std::string routing = "d_mod_k";
  std::uint64_t seed = 0;
  std::uint32_t flow = 0;
  bool pxn = false;
};

[[nodiscard]] ExitCode run(const RunArguments& arguments, const GlobalOptions& global,
                           Console& console);
[[nodiscard]] ExitCode dry_run(const RunArguments& arguments, const GlobalOptions& global,
                               Console& console);
/// What every link carries, instead of a run.
[[nodiscard]] ExitCode link_table(const RunArguments& arguments, const GlobalOptions& global,
                                  Console& console);
[[nodiscard]] ExitCode calibrate(const CalibrateArguments& arguments, const GlobalOptions& global,
                                 Console& console);
/// Judges a solver; answer_is_no where it must not ship, or is worse than the baseline.
[[nodiscard]] ExitCode validate(const ValidateArguments& arguments, const GlobalOptions& global,
                                Console& console);
[[nodiscard]] ExitCode check(const std::vector<std::string>& files, Console& console);

/// `kind` empty: the kinds themselves.
[[nodiscard]] ExitCode list(const std::string& kind, const GlobalOptions& global, Console& console);
[[nodiscard]] ExitCode describe(const std::string& kind, const std::string& name, Console& console);
[[nodiscard]] ExitCode explain(const std::string& code, Console& console);
[[nodiscard]] ExitCode explain_paths(const std::string& what, Console& console);
[[nodiscard]] ExitCode explain_route(const RouteQuestion& question, Console& console);
/// Rows and warnings of measurement files; bad_input where there is an error, and then no folder.
[[nodiscard]] ExitCode measured(const MeasuredArguments& arguments, const GlobalOptions& global,
                                Console& console);
[[nodiscard]] std::vector<std::string> schema_names();
[[nodiscard]] ExitCode schema(const std::string& what, Console& console);
[[nodiscard]] ExitCode draw(const DrawArguments& arguments, Console& console);

/// The catalogue beside the executable plus PLUMBLINE_ZOO; InputError when a file of it is wrong.
[[nodiscard]] zoo::Catalogue open_catalogue();

/// The system that the word `what` names, its warnings and notes on stderr; InputError where there
/// is none. `origin` is where diagnostics say that the word stood.
[[nodiscard]] zoo::System require_system(const zoo::Catalogue& catalogue, const std::string& what,
                                         const std::string& origin, const Console& console);

/// A word of the command line as a document, so that mistakes in it have a place (`NAME:1:1`).
class Word {
 public:
  Word(const std::string& text, const std::string& origin);

  [[nodiscard]] core::Cursor cursor() const { return core::Cursor(reading_); }

  [[nodiscard]] core::Diagnostics& diagnostics() { return diagnostics_; }

 private:
  core::Diagnostics diagnostics_;
  core::Document document_;
  core::Reading reading_;
};

}  // namespace plumbline::app
