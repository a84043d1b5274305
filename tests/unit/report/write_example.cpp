// SPDX-License-Identifier: Apache-2.0
// write_example FOLDER: the example in every format, for check_files.py to read as its users do.
#include <filesystem>
#include <fstream>

#include "example.hpp"
#include "report/writers.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    return 2;
  }
  using namespace plumbline;
  const std::filesystem::path folder(argv[1]);
  std::filesystem::create_directories(folder);
  const report::ResultSet result = report::example();
  report::ResultSet scalar = result;  // one experiment, nothing swept
  scalar.axes.clear();
  scalar.points.resize(1);
  scalar.points[0].labels.clear();
  const report::ResultSet empty;
  std::ofstream(folder / "schema.json") << report::result_schema();
  std::ofstream(folder / "result.json") << report::to_json(result);
  std::ofstream(folder / "scalar.json") << report::to_json(scalar);
  std::ofstream(folder / "empty.json") << report::to_json(empty);
  std::ofstream(folder / "result.csv") << report::to_csv(result);
  report::write_hdf5(result, folder / "result.h5");
  report::write_hdf5(scalar, folder / "scalar.h5");
  return 0;
}
