// SPDX-License-Identifier: Apache-2.0
#include "report/hdf5_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <hdf5_hl.h>
#include <memory>
#include <numeric>
#include <system_error>

namespace plumbline::report {
namespace {

constexpr hid_t by_default = H5P_DEFAULT;

Properties created_in_order(hid_t kind) {
  Properties properties(H5Pcreate(kind), "make a property list");
  // netCDF and xarray list variables in this order; by name, they would come out shuffled.
  checked(
      H5Pset_link_creation_order(properties.id(), H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED),
      "track the order of variables");
  return properties;
}

File file_in_memory() {
  constexpr std::size_t increment = 1U << 20U;
  const Properties access(H5Pcreate(H5P_FILE_ACCESS), "make a property list");
  checked(H5Pset_fapl_core(access.id(), increment, 0), "keep a file in memory");
  const Properties creation = created_in_order(H5P_FILE_CREATE);
  return {H5Fcreate("plumbline result", H5F_ACC_TRUNC, creation.id(), access.id()),
          "make a file in memory"};
}

Type text_type() {
  Type type(H5Tcopy(H5T_C_S1), "make a text type");
  checked(H5Tset_size(type.id(), H5T_VARIABLE), "make a text type");
  checked(H5Tset_cset(type.id(), H5T_CSET_UTF8), "make a text type");
  return type;
}

Type copy_of(hid_t type) {
  return {H5Tcopy(type), "copy a type"};
}

std::vector<const char*> pointers(const std::vector<std::string>& texts) {
  std::vector<const char*> result(texts.size());
  std::transform(texts.begin(), texts.end(), result.begin(),
                 [](const std::string& text) { return text.c_str(); });
  return result;
}

void write(const Dataset& dataset, hid_t type, const void* values, std::size_t count) {
  if (count > 0) {  // an empty vector may have no address, which HDF5 refuses
    checked(H5Dwrite(dataset.id(), type, H5S_ALL, H5S_ALL, by_default, values), "write values");
  }
}

void put_attribute(hid_t object, const std::string& name, hid_t type, const void* value,
                   hsize_t count = 0) {
  const Space space(count == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(1, &count, nullptr),
                    "make an attribute");
  const Attribute attribute(
      H5Acreate2(object, name.c_str(), type, space.id(), by_default, by_default),
      "make attribute " + name);
  checked(H5Awrite(attribute.id(), type, value), "write attribute " + name);
}

void put_attribute(hid_t object, const std::string& name, const std::string& value) {
  const char* text = value.c_str();
  put_attribute(object, name, text_type().id(), static_cast<const void*>(&text));
}

std::vector<unsigned char> image_of(const File& file) {
  checked(H5Fflush(file.id(), H5F_SCOPE_GLOBAL), "flush");
  const auto size = checked(H5Fget_file_image(file.id(), nullptr, 0), "size the file");
  std::vector<unsigned char> image(static_cast<std::size_t>(size));
  checked(H5Fget_file_image(file.id(), image.data(), image.size()), "copy the file");
  return image;
}

herr_t innermost(unsigned /*depth*/, const H5E_error2_t* error, void* reason) {
  *static_cast<std::string*>(reason) = error->desc == nullptr ? "" : error->desc;
  return 1;  // stop: the walk starts at the innermost
}

}  // namespace

std::string hdf5_reason() {
  std::string reason;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, &reason);
  H5Eclear2(H5E_DEFAULT);
  return reason.empty() ? "no reason given" : reason;
}

Hdf5Writer::Hdf5Writer() : file_(file_in_memory()) {}

const Hdf5Writer::Dimension& Hdf5Writer::find(const std::string& name) const {
  const auto found = std::find_if(dimensions_.begin(), dimensions_.end(),
                                  [&](const Dimension& d) { return d.name == name; });
  if (found == dimensions_.end()) {
    throw core::InternalError("no dimension " + name);
  }
  return *found;
}

Space Hdf5Writer::space(const std::vector<std::string>& dimensions) const {
  std::vector<hsize_t> sizes(dimensions.size());
  std::transform(dimensions.begin(), dimensions.end(), sizes.begin(),
                 [&](const std::string& name) { return find(name).size; });
  return {sizes.empty() ? H5Screate(H5S_SCALAR)
                        : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
          "make a grid"};
}

Dataset Hdf5Writer::create(const std::string& path, const Type& type, const Space& space) {
  const Properties properties(H5Pcreate(H5P_DATASET_CREATE), "make a property list");
  // Times would make two files of the same results differ.
  checked(H5Pset_obj_track_times(properties.id(), false), "leave out times");
  return {H5Dcreate2(file_.id(), path.c_str(), type.id(), space.id(), by_default, properties.id(),
                     by_default),
          "make " + path};
}

void Hdf5Writer::describe(const Dataset& dataset, About about) {
  if (!about.units.empty()) {
    put_attribute(dataset.id(), "units", std::string(about.units));
  }
  put_attribute(dataset.id(), "long_name", std::string(about.long_name));
}

void Hdf5Writer::attach(const Dataset& dataset, const std::vector<std::string>& dimensions) {
  for (std::size_t i = 0; i < dimensions.size(); ++i) {
    const Dataset scale(H5Dopen2(file_.id(), dimensions[i].c_str(), by_default),
                        "open " + dimensions[i]);
    checked(H5DSattach_scale(dataset.id(), scale.id(), static_cast<unsigned>(i)),
            "attach " + dimensions[i]);
  }
}

void Hdf5Writer::make_scale(const Dataset& dataset, const std::string& name, hsize_t size) {
  checked(H5DSset_scale(dataset.id(), name.c_str()), "make a dimension of " + name);
  dimensions_.push_back({name, size});
}

void Hdf5Writer::dimension(const std::string& name, const std::vector<double>& values,
                           About about) {
  const hsize_t size = values.size();
  const Dataset dataset = create(name, copy_of(H5T_IEEE_F64LE),
                                 Space(H5Screate_simple(1, &size, nullptr), "make a dimension"));
  write(dataset, H5T_NATIVE_DOUBLE, values.data(), values.size());
  describe(dataset, about);
  make_scale(dataset, name, size);
}

void Hdf5Writer::dimension(const std::string& name, const std::vector<std::string>& values,
                           About about) {
  const hsize_t size = values.size();
  const Type type = text_type();
  const Dataset dataset =
      create(name, type, Space(H5Screate_simple(1, &size, nullptr), "make a dimension"));
  write(dataset, type.id(), static_cast<const void*>(pointers(values).data()), values.size());
  describe(dataset, about);
  make_scale(dataset, name, size);
}

void Hdf5Writer::variable(const std::string& name, const std::vector<std::string>& dimensions,
                          const std::vector<double>& values, About about) {
  const Dataset dataset = create(name, copy_of(H5T_IEEE_F64LE), space(dimensions));
  write(dataset, H5T_NATIVE_DOUBLE, values.data(), values.size());
  describe(dataset, about);
  attach(dataset, dimensions);
}

void Hdf5Writer::variable(const std::string& name, const std::vector<std::string>& dimensions,
                          const std::vector<std::string>& values, About about) {
  const Type type = text_type();
  const Dataset dataset = create(name, type, space(dimensions));
  write(dataset, type.id(), static_cast<const void*>(pointers(values).data()), values.size());
  describe(dataset, about);
  attach(dataset, dimensions);
}

void Hdf5Writer::flags(const std::string& name, const std::vector<std::string>& dimensions,
                       const std::vector<std::uint8_t>& values, std::string_view meanings,
                       std::string_view long_name) {
  const Dataset dataset = create(name, copy_of(H5T_STD_U8LE), space(dimensions));
  write(dataset, H5T_NATIVE_UINT8, values.data(), values.size());
  describe(dataset, {"", long_name});
  const auto count = 1 + std::count(meanings.begin(), meanings.end(), ' ');
  std::vector<std::uint8_t> numbers(static_cast<std::size_t>(count));
  std::iota(numbers.begin(), numbers.end(), std::uint8_t{0});
  put_attribute(dataset.id(), "flag_values", H5T_NATIVE_UINT8, numbers.data(), numbers.size());
  put_attribute(dataset.id(), "flag_meanings", std::string(meanings));
  attach(dataset, dimensions);
}

void Hdf5Writer::attribute(const std::string& name, const std::string& value) {
  put_attribute(file_.id(), name, value);
}

void Hdf5Writer::attribute(const std::string& name, bool value) {
  const std::uint8_t flag = value ? 1 : 0;
  put_attribute(file_.id(), name, H5T_NATIVE_UINT8, &flag);
}

void Hdf5Writer::group(const std::string& name) {
  const Properties creation = created_in_order(H5P_GROUP_CREATE);
  const Group group(H5Gcreate2(file_.id(), name.c_str(), by_default, creation.id(), by_default),
                    "make group " + name);
}

void Hdf5Writer::list(const std::string& path, const std::vector<std::string>& values) {
  const hsize_t size = values.size();
  const Type type = text_type();
  const Dataset dataset =
      create(path, type, Space(H5Screate_simple(1, &size, nullptr), "make a list"));
  write(dataset, type.id(), static_cast<const void*>(pointers(values).data()), values.size());
}

void Hdf5Writer::list(const std::string& path, const std::vector<std::int64_t>& values) {
  const hsize_t size = values.size();
  const Dataset dataset = create(path, copy_of(H5T_STD_I64LE),
                                 Space(H5Screate_simple(1, &size, nullptr), "make a list"));
  write(dataset, H5T_NATIVE_INT64, values.data(), values.size());
}

void Hdf5Writer::text(const std::string& path, const std::string& value) {
  const Type type = text_type();
  const Dataset dataset = create(path, type, Space(H5Screate(H5S_SCALAR), "make a text"));
  const char* text = value.c_str();
  write(dataset, type.id(), static_cast<const void*>(&text), 1);
}

void Hdf5Writer::save(const std::filesystem::path& file) const {
  const std::vector<unsigned char> image = image_of(file_);
  const auto fail = [&](int reason) {
    throw core::IoError(fmt::format("{}: can't be written: {}", file.string(),
                                    std::generic_category().message(reason)));
  };
  errno = 0;
  std::FILE* stream = std::fopen(file.c_str(), "wb");
  if (stream == nullptr) {
    fail(errno);
  }
  const std::size_t written = std::fwrite(image.data(), 1, image.size(), stream);
  int reason = written == image.size() ? 0 : errno;
  // What is still buffered meets a full disk only here.
  if (std::fclose(stream) != 0 && reason == 0) {
    reason = errno;
  }
  if (reason != 0) {
    std::error_code ignored;  // half a file is worse than none; a device stays
    if (std::filesystem::is_regular_file(file, ignored)) {
      std::filesystem::remove(file, ignored);
    }
    fail(reason);
  }
}

}  // namespace plumbline::report
