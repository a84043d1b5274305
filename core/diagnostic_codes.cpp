// SPDX-License-Identifier: Apache-2.0
// The stable codes, sorted. One code is one mistake; a code is never given a new meaning.
//   Y YAML text   U units   K keys and structure   N names   V values   T topology   W workload
//   S solvers and prediction   R replay   M measured sets   A accept   I files   G general
#include <array>

#include "core/diagnostic.hpp"

namespace plumbline::core {
namespace {

// clang-format off
constexpr auto codes = std::to_array<CodeEntry>({
    {"PL-A001", "condition that limits nothing", "An entry of accept needs at least one limit, or it would hold whatever happens."},
    {"PL-G001", "override without a value", "--set takes PATH=VALUE, the path dotted as in the file: --set workload.size=\"1 MiB\"."},
    {"PL-G002", "unknown picture format", "draw writes .svg and .dot files."},
    {"PL-G003", "sweep too large", "The product of all axes may have at most 100,000 points."},
    {"PL-I001", "no such file", "A named file does not exist; paths count from the file that names them."},
    {"PL-I002", "directory instead of a file", "A file is expected, and the path is a directory."},
    {"PL-I003", "unreadable file", "The file exists but could not be read; see its permissions."},
    {"PL-I004", "file too large", "Input files may have at most 16 MiB."},
    {"PL-I005", "no such catalogue folder", "A folder of the catalogue, or of the variable PLUMBLINE_ZOO, does not exist."},
    {"PL-K001", "unknown key", "No such key is read here. Unknown keys are errors, so that a misspelled option never silently does nothing."},
    {"PL-K002", "missing key", "A key that has no default is absent; the place is the map that it belongs to."},
    {"PL-K003", "single value expected", "A list or a map stands where one value belongs and no sweep is possible."},
    {"PL-K004", "list expected", "Write [a, b, c], or one '- item' per line."},
    {"PL-K005", "map expected", "Write {key: value}, or one 'key: value' per line, indented."},
    {"PL-K006", "value missing", "The key has no value."},
    {"PL-K007", "exactly one of several keys", "These keys exclude each other, and one of them is needed."},
    {"PL-K008", "empty step in a path", "A dotted path such as workload.size has a key on both sides of each dot."},
    {"PL-K009", "no such place", "A dotted path leads through a single value, or to an item that a list does not have."},
    {"PL-K010", "empty list", "A sweep axis needs at least one value."},
    {"PL-K011", "range without one way to advance", "{from, to} takes exactly one of factor (multiply), step (add) and count (that many values, geometrically spaced if from is above zero, evenly otherwise)."},
    {"PL-M001", "broken quoting in a CSV file", "A field that holds commas, quotes or line ends stands in double quotes, and quotes in it are doubled; lines end in LF or CRLF."},
    {"PL-M002", "wrong header", "The first line of data.csv names the columns, all of them and in order: collective,algorithm,protocol,nodes,ranks,size_B,time_s,time_low_s,time_high_s,repeats."},
    {"PL-M003", "wrong number of columns", "Every row has a value, maybe an empty one, for every column of the header."},
    {"PL-M004", "not a number in a measured row", "Counts and sizes are whole numbers, times decimal numbers of seconds, all without a unit."},
    {"PL-M005", "impossible number in a measured row", "Times, sizes and counts are above zero."},
    {"PL-M006", "spread that excludes the time", "time_low_s <= time_s <= time_high_s must hold."},
    {"PL-M007", "repeated point", "Two rows agree in collective, algorithm, protocol, nodes, ranks and size, and it would be chance which one is used."},
    {"PL-M008", "unknown collective in a measured row", "The first column is a collective that a workload can name, or copy."},
    {"PL-M009", "measured set without rows", "data.csv holds no measurement."},
    {"PL-M020", "no measured row for a point", "Rows match on collective, nodes, ranks and size, exactly; the point has no measured column."},
    {"PL-M021", "several measured rows for a point", "Narrow them down with where: {algorithm: …, protocol: …}."},
    {"PL-N001", "unknown name", "The name is none of those allowed here; `plumbline list` shows them."},
    {"PL-N002", "system made of itself", "The node of a system leads back to the same system file."},
    {"PL-N003", "link class under a wrong name", "In the catalogue a link class is called as its file is."},
    {"PL-N010", "no such entry", "The command line names something that does not exist; `plumbline list` shows what does."},
    {"PL-R001", "a point failed", "Its replay or model could not answer; the other points are not affected."},
    {"PL-R002", "replay limit of zero", "time_limit and memory_limit must be more than zero."},
    {"PL-R003", "too many operations to replay", "At most 5,000,000 operations are expanded and replayed; closed forms have no such limit."},
    {"PL-S010", "solver expected", "An item of predict is a solver's name, or {name: {options}}."},
    {"PL-S011", "solver needs options", "This solver has no meaning without its options; `plumbline describe solver NAME` lists them."},
    {"PL-S020", "impossible segments", "Segments of piecewise_hockney ascend in up_to, only the last may be without, and each has a bandwidth above zero."},
    {"PL-T001", "direction of a bandwidth missing", "A link states bandwidth_per_direction, or bandwidth_bidirectional_total as data sheets of NVLink do. A figure that could be either is off by two half of the time."},
    {"PL-T002", "bandwidth stated twice", "A link states one of bandwidth_per_direction and bandwidth_bidirectional_total."},
    {"PL-T003", "link without bandwidth", "A link's bandwidth is above zero; a link that is absent is left out."},
    {"PL-T011", "count of zero", "The count must be at least 1."},
    {"PL-T012", "numbers of GPUs differ", "sockets × switches_per_socket × gpus_per_switch of the PCIe side is the machine's number of GPUs (without the middle one where there are no switches)."},
    {"PL-T013", "sockets without a link", "From two sockets on, inter_socket names the link class between CPUs."},
    {"PL-T014", "capacity of uplinks unclear", "With spines, exactly one of uplinks and oversubscription is given; without spines, neither, and no uplink."},
    {"PL-T015", "oversubscription too small", "Oversubscription is what a leaf's ports below can send over what its uplinks carry: 1 is none, 2 halves the bandwidth between leaves; below 0.01 it is a mistake."},
    {"PL-T016", "fabric too large", "A fabric has at most 16,777,216 devices and as many links."},
    {"PL-T017", "more NVSwitches than links", "Every GPU has at least one link to every NVSwitch."},
    {"PL-T018", "leaves without spines", "Several groups of machines reach each other through spines."},
    {"PL-T019", "machine does not fit into a fat tree", "The node of a fat tree is one machine with at least one network adapter and without leaves and spines of its own; rails need such a node."},
    {"PL-T020", "unknown device", "A link names a device that is not in the list of devices."},
    {"PL-T021", "device without a name of its own", "Devices of one fabric have different names that are not empty."},
    {"PL-T022", "link to itself", "A link joins two different devices."},
    {"PL-T023", "endpoint that can't be reached", "No path joins this endpoint and the first one in both directions; a workload that uses both will not run."},
    {"PL-T024", "fabric without endpoints", "Ranks sit on gpus, or on hosts where there are no gpus; the fabric has neither."},
    {"PL-T025", "machine number too large", "Machines are numbered from 0 without gaps."},
    {"PL-T030", "ranks don't fit", "Each rank has a gpu (or host) of its own, and there is at least one."},
    {"PL-T031", "unknown device in a placement", "A list places ranks on devices by name; the names are those of the fabric, such as node3/gpu0."},
    {"PL-T032", "device used twice", "A device holds at most one rank."},
    {"PL-T033", "rank on a switch", "Ranks sit on gpus, or on hosts where there are no gpus."},
    {"PL-T034", "unknown placement", "A placement is packed, {strided: {stride: 16}}, {random: {seed: 1}} or a list of device names. A list is never a sweep over placements; {random: {seed: [1, 2, 3]}} is one over seeds."},
    {"PL-T035", "impossible stride", "A stride is at least 1 and smaller than the number of endpoints."},
    {"PL-T036", "list of the wrong length", "A list of devices names as many as there are ranks."},
    {"PL-U001", "number without a unit", "Every quantity carries its unit: 450 GB/s, 64 KiB, 1.2 us, 5 %."},
    {"PL-U002", "unknown unit", "Units are B, b (bits), B/s, b/s, s, FLOP, FLOP/s and %; prefixes k M G T P (powers of 1000), Ki Mi Gi Ti (of 1024), and m u n p for seconds."},
    {"PL-U003", "unit of something else", "The unit exists but measures something else than what is expected here, such as GB where a rate in GB/s belongs."},
    {"PL-U004", "not a number", "Numbers are decimal: digits, a '.', and optionally an exponent; no '+', leading zeros or separators."},
    {"PL-U005", "negative quantity", "Amounts, times and rates can't be negative."},
    {"PL-U006", "not a finite number", "The number is infinite, not a number, or outside of what a double holds."},
    {"PL-V001", "plain number expected", "A decimal number without a unit belongs here."},
    {"PL-V002", "whole number expected", "Counts are digits only, without leading zeros: 010 is eight in some languages and ten in others."},
    {"PL-V003", "count out of range", "The number is negative or too large."},
    {"PL-V004", "impossible range", "from must not exceed to; factor must be larger than 1, step larger than zero, count at least 2."},
    {"PL-V005", "too many values", "One axis has at most 100,000 values."},
    {"PL-V006", "true or false expected", "yes, no, on and off are not booleans."},
    {"PL-Y001", "not YAML", "The text breaks YAML's grammar at this place."},
    {"PL-Y002", "duplicate key", "The same key stands twice in one map; YAML libraries would silently keep one."},
    {"PL-Y003", "anchor or alias", "&anchors and *aliases are not read: what stands at a place is what it means."},
    {"PL-Y004", "tag", "!tags are not read."},
    {"PL-Y005", "key is not a name", "A key is a plain text, not a list, a map or nothing."},
    {"PL-Y006", "more than one document", "One file holds one document; remove what follows '---'."},
    {"PL-Y007", "empty document", "There is nothing in this file but comments and space."},
    {"PL-Y008", "nested too deeply", "Maps and lists nest at most 64 deep."},
    {"PL-Y009", "not a text file", "Input is UTF-8 without control characters."},
});
// clang-format on

}  // namespace

std::span<const CodeEntry> diagnostic_codes() {
  return codes;
}

}  // namespace plumbline::core
