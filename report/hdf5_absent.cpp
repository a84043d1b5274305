// SPDX-License-Identifier: Apache-2.0
// Of builds without HDF5.
#include "core/diagnostic.hpp"
#include "report/writers.hpp"

namespace plumbline::report {

void write_hdf5(const ResultSet& /*result*/, const std::filesystem::path& file) {
  throw core::IoError(file.string() +
                      ": can't be written: this build has no HDF5 (PLUMBLINE_WITH_HDF5 is off)");
}

}  // namespace plumbline::report
