// SPDX-License-Identifier: Apache-2.0
// raw = transfers per second × lanes × coding; efficiency = payload/(payload + overhead) × share.
//
// | symbol | meaning |
// |---|---|
// | coding | bits that get through, of those transferred |
// | overhead | bytes around each payload: framing, sequence number, header, CRCs |
// | share | bytes for packets, of those that get through (below 1 in flits only) |
//
// Source: PCI Express Base Specification 6.0, PCI-SIG, 2022: rates and coding of all generations
// section 4.2, headers section 2.2, sequence number and LCRC section 3.6, flits section 4.2.3. The
// table below holds definitions of that standard, which no machine can have otherwise; what a
// machine chooses (generation, lanes, payload) is in the zoo.
//
// Left out: acknowledgements and flow control, which share the link with the packets (a few per
// cent), and requests of reads.
#include "topology/pcie_rate.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

#include "core/units.hpp"

namespace plumbline::topology {
namespace {

struct Ratio {
  double part = 1.0;
  double whole = 1.0;

  [[nodiscard]] double value() const { return part / whole; }
};

/// One generation. `around_packet`: start and end symbols, sequence number and LCRC; from
/// generation 3 on the token at the start holds the sequence number. Flits protect themselves: 242
/// of 256 bytes are left beside CRC and FEC, of which 6 are the data link layer's.
struct Generation {
  double giga_transfers = 0.0;
  Ratio coding;
  double around_packet = 0.0;
  Ratio packets{};
};

constexpr std::array<Generation, 6> generations{{{2.5, {8, 10}, 1 + 2 + 4 + 1},
                                                 {5, {8, 10}, 1 + 2 + 4 + 1},
                                                 {8, {128, 130}, 4 + 4},
                                                 {16, {128, 130}, 4 + 4},
                                                 {32, {128, 130}, 4 + 4},
                                                 {64, {242, 256}, 0, {236, 242}}}};
constexpr double giga = 1e9;
constexpr double bits_per_byte = 8.0;
constexpr double ecrc_bytes = 4.0;
constexpr std::array<std::uint32_t, 6> widths{1, 2, 4, 8, 16, 32};
constexpr std::array<double, 2> header_bytes{12, 16};
constexpr std::array<double, 6> payloads{128, 256, 512, 1024, 2048, 4096};

struct PcieText {
  std::uint32_t generation = 0;
  std::uint32_t lanes = 0;
  std::optional<core::Bytes> max_payload;
  std::optional<core::Bytes> header;
  bool ecrc = false;

  static const core::Schema<PcieText>& schema() {
    static const auto s =
        core::Schema<PcieText>("PCIe link")
            .required("generation", &PcieText::generation, "1 to 6")
            .required("lanes", &PcieText::lanes, "width: 1, 2, 4, 8, 16 or 32")
            .optional("max_payload", &PcieText::max_payload,
                      "bytes of payload in a packet, 128 B to 4 KiB; without it the class states "
                      "the raw rate and packets are still to be paid for")
            .optional(
                "header", &PcieText::header,
                "header of a packet: 12 B, or 16 B for addresses of 64 bits; with max_payload")
            .optional("ecrc", &PcieText::ecrc, "whether packets carry an end-to-end CRC", "false");
    return s;
  }
};

template <class Values, class Value>
bool is_one_of(const Values& values, Value value) {
  return std::ranges::find(values, value) != values.end();
}

bool is_possible(const PcieText& text, const core::Cursor& cursor) {
  bool good = true;
  const auto refuse = [&](const char* key, const std::string& message, const char* hint) {
    cursor.find(key).value_or(cursor).error("PL-T054", message, hint);
    good = false;
  };
  if (text.generation == 0 || text.generation > generations.size()) {
    refuse("generation", fmt::format("there is no PCIe {}", text.generation), "write 1 to 6");
  }
  if (!is_one_of(widths, text.lanes)) {
    refuse("lanes", fmt::format("no PCIe link has {} lanes", text.lanes),
           "write 1, 2, 4, 8, 16 or 32");
  }
  if (text.max_payload.has_value() != text.header.has_value()) {
    refuse(text.header ? "header" : "max_payload", "max_payload and header belong together",
           "both say how much of a packet is payload; without both the class is the raw rate");
  }
  if (text.max_payload && !is_one_of(payloads, text.max_payload->si())) {
    refuse("max_payload", "no packet has a payload of " + core::format(*text.max_payload),
           "write 128 B, 256 B, 512 B, 1 KiB, 2 KiB or 4 KiB");
  }
  if (text.header && !is_one_of(header_bytes, text.header->si())) {
    refuse("header", "no header has " + core::format(*text.header), "write 12 B or 16 B");
  }
  if (text.ecrc && !text.max_payload) {
    refuse("ecrc", "an end-to-end CRC of packets that are not stated",
           "add max_payload and header");
  }
  return good;
}

}  // namespace

std::string PcieRate::description() const {
  std::string text = fmt::format("raw rate    {} per direction: {}\n", core::display(raw), coding);
  text += packet.empty() ? std::string("efficiency  not stated: packets are still to be paid for\n")
                         : fmt::format("efficiency  {:.1f} %: {}\nbandwidth   {} per direction\n",
                                       100.0 * efficiency, packet, core::display(bandwidth()));
  return text;
}

const core::SchemaInfo& pcie_rate_schema() {
  return PcieText::schema();
}

std::optional<PcieRate> read_pcie_rate(const core::Cursor& cursor) {
  const std::optional<PcieText> text = PcieText::schema().bind(cursor);
  if (!text || !is_possible(*text, cursor)) {
    return std::nullopt;
  }
  const Generation& generation = generations.at(text->generation - 1);
  PcieRate rate;
  rate.raw = core::Bandwidth::from_si(generation.giga_transfers * giga / bits_per_byte *
                                      text->lanes * generation.coding.value());
  rate.coding = fmt::format("{} GT/s × {} lanes × {}/{}", generation.giga_transfers, text->lanes,
                            generation.coding.part, generation.coding.whole);
  if (text->max_payload) {
    const double payload = text->max_payload->si();
    const double packet =
        payload + text->header->si() + generation.around_packet + (text->ecrc ? ecrc_bytes : 0.0);
    rate.efficiency = payload / packet * generation.packets.value();
    rate.packet = fmt::format("{} B of payload in packets of {} B", payload, packet);
    if (generation.packets.part < generation.packets.whole) {
      rate.packet +=
          fmt::format(", which have {} of {} B", generation.packets.part, generation.packets.whole);
    }
  }
  return rate;
}

}  // namespace plumbline::topology
