// SPDX-License-Identifier: Apache-2.0
// HDF5's C handles, owned; and its failures as IoError with HDF5's own reason.
#pragma once

#include <fmt/format.h>
#include <hdf5.h>
#include <string>
#include <utility>

#include "core/diagnostic.hpp"

namespace plumbline::report {

/// The innermost reason on HDF5's error stack; empties the stack.
[[nodiscard]] std::string hdf5_reason();

/// `result` of an HDF5 call; IoError saying what was being done where it failed.
template <class Result>
Result checked(Result result, std::string_view doing) {
  if (result < 0) {
    throw core::IoError(fmt::format("HDF5 could not {}: {}", doing, hdf5_reason()));
  }
  return result;
}

/// Owns one identifier and closes it by the function of its kind.
template <herr_t (*Close)(hid_t)>
class Handle {
 public:
  Handle(hid_t id, std::string_view doing) : id_(checked(id, doing)) {}

  ~Handle() {
    if (id_ >= 0) {
      Close(id_);
    }
  }

  Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}

  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle& operator=(Handle&&) = delete;

  [[nodiscard]] hid_t id() const { return id_; }

 private:
  hid_t id_;
};

using File = Handle<H5Fclose>;
using Group = Handle<H5Gclose>;
using Dataset = Handle<H5Dclose>;
using Space = Handle<H5Sclose>;
using Type = Handle<H5Tclose>;
using Attribute = Handle<H5Aclose>;
using Properties = Handle<H5Pclose>;

/// While it lives, HDF5 does not print its error stack.
class QuietErrors {
 public:
  QuietErrors() {
    H5Eget_auto2(H5E_DEFAULT, &print_, &data_);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  }

  ~QuietErrors() { H5Eset_auto2(H5E_DEFAULT, print_, data_); }

  QuietErrors(const QuietErrors&) = delete;
  QuietErrors& operator=(const QuietErrors&) = delete;

 private:
  H5E_auto2_t print_ = nullptr;
  void* data_ = nullptr;
};

}  // namespace plumbline::report
