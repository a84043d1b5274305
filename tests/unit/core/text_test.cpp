// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <catch2/catch.hpp>

namespace plumbline::core {
namespace {

const std::vector<std::string> names = {"ring", "tree", "recursive_doubling", "pairwise"};

TEST_CASE("A slip of typing finds the name that was meant") {
  CHECK(did_you_mean("rnig", names) == "ring");         // neighbours swapped
  CHECK(did_you_mean("Tree", names) == "tree");         // case
  CHECK(did_you_mean("trees", names) == "tree");        // a letter more
  CHECK(did_you_mean("pairwse", names) == "pairwise");  // a letter less
  CHECK(did_you_mean("recursive", names) == "recursive_doubling");
  CHECK_FALSE(did_you_mean("butterfly", names));
  CHECK_FALSE(did_you_mean("", names));
  CHECK_FALSE(did_you_mean(std::string(1000, 'r'), names));
}

TEST_CASE("A suggestion is the near name, else the names there are") {
  CHECK(suggest("rnig", names) == "did you mean 'ring'?");
  CHECK(suggest("zzz", names) == "one of: ring, tree, recursive_doubling, pairwise");
  CHECK(suggest("zzz", {}).empty());
  const std::vector<std::string> many(13, "abcdefgh");
  CHECK(suggest("zzz", many).ends_with("abcdefgh, …"));
}

TEST_CASE("Counts are digits without leading zeros") {
  CHECK(parse_count("0") == 0U);
  CHECK(parse_count("18446744073709551615") == 18446744073709551615U);
  for (const char* text :
       {"", "010", "00", "+1", "-1", "1.0", "1e3", "0x10", " 1", "1 ", "18446744073709551616"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_count(text));
  }
}

TEST_CASE("Numbers follow JSON's grammar") {
  CHECK(parse_number("-1.5e3") == -1500.0);
  CHECK(parse_number("0.25") == 0.25);
  CHECK(parse_number("1E+2") == 100.0);
  for (const char* text :
       {"", "01", ".5", "5.", "+5", "1e", "nan", "inf", "0x1p3", "1e999", "1,5"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_number(text));
  }
  CHECK(number_prefix("450 GB/s") == 3);
  CHECK(number_prefix("1e3x") == 3);
  CHECK(number_prefix("1 EB") == 1);
  CHECK(number_prefix("1EB") == 1);  // an E without digits is not an exponent
}

TEST_CASE("Broken UTF-8 and control characters are found") {
  CHECK_FALSE(first_bad_byte("plain\ttext\r\n \u00e9 \u20ac \U0001F600"));
  CHECK(first_bad_byte("ab\x04") == 2U);
  CHECK(first_bad_byte(std::string("a\0b", 3)) == 1U);
  CHECK(first_bad_byte("a\xFF") == 1U);
  CHECK(first_bad_byte("\xC0\xAF") == 0U);          // overlong '/'
  CHECK(first_bad_byte("\xED\xA0\x80") == 0U);      // a surrogate
  CHECK(first_bad_byte("ok\xE2\x82") == 2U);        // cut off
  CHECK(first_bad_byte("\xF4\x90\x80\x80") == 0U);  // above U+10FFFF
}

}  // namespace
}  // namespace plumbline::core
