#include "engine/log_tail.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(LogTail, KeepsAShortLogWhole) {
  LogTail log(4, 4);
  log.add("abc");
  log.add("defgh");
  EXPECT_EQ(log.text(), "abcdefgh");
}

TEST(LogTail, KeepsBeginningAndEndOfALongOneAndSaysWhatIsLeftOut) {
  LogTail log(4, 4);
  for (int i = 0; i < 100; ++i) log.add("0123456789");
  EXPECT_EQ(log.text(), "0123\n[... 992 B left out ...]\n6789");
  EXPECT_EQ(log.count(), 1000u);
}

TEST(LogTail, DoesNotDependOnHowTheBytesAreCut) {
  LogTail whole(5, 7), single(5, 7);
  const std::string bytes = "a line, another line, and the last one";
  whole.add(bytes);
  for (const char each : bytes) single.add(std::string_view(&each, 1));
  EXPECT_EQ(whole.text(), single.text());
}

TEST(Printable, KeepsTextAndReplacesWhatIsNone) {
  EXPECT_EQ(printable("grün\tx\n"), "grün\tx\n");
  EXPECT_EQ(printable("\x1b[31m\r\xff\xc3"), "?[31m???");
  EXPECT_EQ(printable("\xc0\xaf \xed\xa0\x80"), "?? ???");  // overlong; a surrogate
}

}  // namespace
}  // namespace assay
