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
