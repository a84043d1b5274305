// SPDX-License-Identifier: Apache-2.0
// A machine from the matrix that `nvidia-smi topo -m` prints.
#include "topology/imports/nvidia_smi_topo.hpp"

#include "core/text_file.hpp"
#include "topology/builders/options.hpp"

namespace plumbline::topology::builders {
namespace {

struct LinkOptions {
  LinkOption nvlink;
  LinkOption pcie;
  LinkOption socket;
  LinkOption nic;

  static const core::Schema<LinkOptions>& schema() {
    static const auto s =
        core::Schema<LinkOptions>("links of the matrix")
            .optional("nvlink", &LinkOptions::nvlink, "class of one NVLink")
            .required("pcie", &LinkOptions::pcie, "class of GPUs and PCIe switches upwards")
            .optional("socket", &LinkOptions::socket, "class between CPUs")
            .optional("nic", &LinkOptions::nic,
                      "class of network adapters upwards; by default that of `pcie`");
    return s;
  }
};

struct SmiOptions {
  std::string file;
  LinkOptions links;
  std::optional<bool> nvswitch;

  static const core::Schema<SmiOptions>& schema() {
    static const auto s =
        core::Schema<SmiOptions>("output of nvidia-smi topo -m")
            .also(builder_key("nvidia_smi_topo"))
            .required("file", &SmiOptions::file,
                      "its output; a relative path counts from this file")
            .required("links", &SmiOptions::links, "link classes, since the text has no rates")
            .optional("nvswitch", &SmiOptions::nvswitch,
                      "whether NVLinks end at NVSwitches; needed where all pairs have as many");
    return s;
  }
};

const core::SchemaInfo& info() {
  return SmiOptions::schema();
}

std::optional<Fabric> build(const core::Cursor& cursor, const BuildContext& context) {
  const std::optional<SmiOptions> options = SmiOptions::schema().bind(cursor);
  if (!options) {
    return std::nullopt;
  }
  const std::optional<LinkClass> nvlink = options->links.nvlink.resolve(context);
  const std::optional<LinkClass> pcie = options->links.pcie.resolve(context);
  const std::optional<LinkClass> socket = options->links.socket.resolve(context);
  const std::optional<LinkClass> nic =
      options->links.nic.at ? options->links.nic.resolve(context) : pcie;
  const auto file = context.base / options->file;
  const std::optional<std::string> text = core::read_text_file(file, cursor.diagnostics());
  if (!pcie || !nic || !text || (options->links.nvlink.at && !nvlink) ||
      (options->links.socket.at && !socket)) {
    return std::nullopt;
  }
  return imports::import_nvidia_smi_topo(*text, file.string(),
                                         {.nvlink = nvlink,
                                          .pcie = *pcie,
                                          .socket = socket,
                                          .nic = *nic,
                                          .nvswitch = options->nvswitch},
                                         cursor.diagnostics());
}

}  // namespace

extern const BuilderEntry nvidia_smi_topo{
    "nvidia_smi_topo", "A machine from the matrix of `nvidia-smi topo -m`", info, build};

}  // namespace plumbline::topology::builders
