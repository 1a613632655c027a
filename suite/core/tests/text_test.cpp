#include "core/text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace assay {
namespace {

TEST(Text, MatchesGlobs) {
  EXPECT_TRUE(glob_match("*", ""));
  EXPECT_TRUE(glob_match("sym*-4?", "symmetric-40"));
  EXPECT_TRUE(glob_match("*a*b", "xxaxxbab"));
  EXPECT_FALSE(glob_match("sam", "sam[rho=0.1]"));
  EXPECT_TRUE(glob_match("sam[rho=0.1]", "sam[rho=0.1]"));  // '[' stands for itself
  EXPECT_FALSE(glob_match("?", ""));
}

TEST(Text, FindsTheNearestWord) {
  EXPECT_EQ(nearest("co-teachin", {"mixup", "co-teaching"}), "co-teaching");
  EXPECT_EQ(nearest("elephant", {"mixup", "gce"}), std::nullopt);
}

TEST(Text, WritesNumbersForReaders) {
  EXPECT_EQ(fixed(-0.004, 2), "0.00");
  EXPECT_EQ(fixed(71.255, 1), "71.3");
  EXPECT_EQ(fixed(std::numeric_limits<double>::quiet_NaN(), 2), "n/a");
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(duration(0.84), "0.8 s");
  EXPECT_EQ(duration(59.4), "59 s");
  EXPECT_EQ(duration(185), "3 min 05 s");
  EXPECT_EQ(duration(7800), "2 h 10 min");
  EXPECT_EQ(bytes(999), "999 B");
  EXPECT_EQ(bytes(3400000), "3.4 MB");
  EXPECT_EQ(utc_time(1764040455000), "2025-11-25 03:14:15 UTC");
}

TEST(Text, Base64ComesBackAsItWas) {
  for (const auto& bytes : std::vector<std::string>{"", "a", "ab", "abc", {"\0\xff\x80", 3}}) {
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
  }
  EXPECT_EQ(base64_encode("ab"), "YWI=");
  EXPECT_EQ(base64_decode("a*=="), std::nullopt);
}

TEST(Text, OneLineJoinsLines) { EXPECT_EQ(one_line("  a\n\tb  c\n"), "a b c"); }

}  // namespace
}  // namespace assay
