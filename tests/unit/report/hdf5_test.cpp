// SPDX-License-Identifier: Apache-2.0
// That the files can be read is the question of check_files.py; here: what happens when they can't
// be written.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "example.hpp"
#include "report/writers.hpp"

using namespace plumbline;

namespace {

/// An empty folder that goes when the test does.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::temp_directory_path() / ("report_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }

  ~Folder() { std::filesystem::remove_all(path_); }

  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const {
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

std::string error_of(const std::filesystem::path& file) {
  try {
    report::write_hdf5(report::example(), file);
  } catch (const core::IoError& error) {
    return error.what();
  }
  return "";
}

std::string bytes_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

}  // namespace

TEST_CASE("A full disk is an IoError with the reason") {
  CHECK(error_of("/dev/full") == "/dev/full: can't be written: No space left on device");
}

TEST_CASE("A folder that does not exist is an IoError with the reason") {
  const Folder folder;
  const auto file = folder / "missing/result.h5";
  CHECK(error_of(file) == file.string() + ": can't be written: No such file or directory");
}

TEST_CASE("A folder in the place of the file is an IoError and stays") {
  const Folder folder;
  std::filesystem::create_directories(folder / "result.h5");
  CHECK(error_of(folder / "result.h5").find("Is a directory") != std::string::npos);
  CHECK(std::filesystem::is_directory(folder / "result.h5"));
}

TEST_CASE("The same results are the same bytes, also over an older and longer file") {
  const Folder folder;
  report::write_hdf5(report::example(), folder / "a.h5");
  std::ofstream(folder / "b.h5") << std::string(1U << 20U, 'x');
  report::write_hdf5(report::example(), folder / "b.h5");
  const std::string bytes = bytes_of(folder / "a.h5");
  CHECK(bytes.substr(1, 3) == "HDF");
  CHECK(bytes == bytes_of(folder / "b.h5"));
}

TEST_CASE("Points that do not fill the grid are our bug") {
  const Folder folder;
  report::ResultSet result = report::example();
  result.points.pop_back();
  CHECK_THROWS_AS(report::write_hdf5(result, folder / "a.h5"), core::InternalError);
  CHECK_FALSE(std::filesystem::exists(folder / "a.h5"));
}

TEST_CASE("Axes may have the names of variables, of each other, or of folders") {
  const Folder folder;
  report::ResultSet result;
  result.axes = {
      {"a.engine", {"x"}}, {"b.size", {"1 B"}}, {"c.size", {"2 B"}}, {"d/e.lower", {"y"}}};
  result.points.resize(1);
  CHECK_NOTHROW(report::write_hdf5(result, folder / "a.h5"));
}

TEST_CASE("A result set without points is a file without values") {
  const Folder folder;
  report::ResultSet result;
  result.axes = {{"workload.size", {}}};
  CHECK_NOTHROW(report::write_hdf5(result, folder / "a.h5"));
}
