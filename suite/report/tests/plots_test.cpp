#include "report/plots.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "report/format.hpp"
#include "report/svg.hpp"

namespace assay {
namespace {

TEST(Svg, EscapesAndRounds) {
  Svg svg(10, 20, "c", "a < b", "x & \"y\"");
  svg.text({1.0 / 3, -0.001}, "<script>", "label");
  EXPECT_EQ(svg.str(),
            "<svg viewBox=\"0 0 10 20\" role=\"img\" class=\"c\" aria-label=\"a &lt; b\"><title>a &lt; b</title>"
            "<desc>x &amp; &quot;y&quot;</desc><text x=\"0.33\" y=\"0\" class=\"label\">&lt;script&gt;</text></svg>");
}

TEST(Svg, TicksAreRoundAndCoverTheRange) {
  EXPECT_EQ(ticks(0, 100, 5), (std::vector<double>{0, 20, 40, 60, 80, 100}));
  EXPECT_EQ(ticks(71.2, 74.9, 4), (std::vector<double>{72, 73, 74}));
  EXPECT_EQ(tick_decimals({0.5, 0.75}), 1);
  EXPECT_EQ(tick_decimals({10, 20}), 0);
}

TEST(Plots, LabelsAreSpreadInOrder) {
  const auto places = spread({50, 51, 49, 90}, 10, 0, 100);
  EXPECT_LT(places[2], places[0]);
  EXPECT_LT(places[0], places[1]);
  for (const auto& [a, b] : {std::pair{2, 0}, {0, 1}, {1, 3}}) {
    EXPECT_GE(places[static_cast<std::size_t>(b)] - places[static_cast<std::size_t>(a)], 10 - 1e-9);
  }
  const auto low = spread({99, 99, 99}, 10, 0, 100);
  EXPECT_LE(*std::max_element(low.begin(), low.end()), 100);
}

TEST(Plots, OneCollapsedMethodDoesNotSqueezeTheOthers) {
  const auto scale = row_scale({10, 80, 81, 82, 83}, {10, 79, 84}, 1);
  EXPECT_GT(scale.low, 60);
  EXPECT_NE(interval_row({"m", "s0", 10, std::nullopt, {}, std::nullopt}, scale).find("off-scale"), std::string::npos);
  EXPECT_EQ(interval_row({"m", "s0", 81, std::nullopt, {}, std::nullopt}, scale).find("off-scale"), std::string::npos);
}

TEST(Plots, ManyCurvesGrowThePicture) {
  std::vector<CurveSeries> series(40, {"m", "muted", {1, 2, 3}, {1, 2, 3}, {1, 2, 3}});
  EXPECT_NE(curves_plot("t", {"x"}, "y", series).find("viewBox=\"0 0 760 684\""), std::string::npos);
}

TEST(Format, FiguresAreForReaders) {
  EXPECT_EQ(signed_number(1.25, 1), "+1.2");
  EXPECT_EQ(signed_number(-0.04, 1), "0.0");
  EXPECT_EQ(signed_number(-2, 1), "\u22122.0");
  EXPECT_EQ(rank_text({1, 4}), "1\u20134");
  EXPECT_EQ(rank_text({2, 2}), "2");
}

TEST(Format, NamesAreSafeInPathsAndCommands) {
  EXPECT_EQ(path_segment("sam[rho=0.1]"), "sam=5Brho=3D0.1=5D");
  EXPECT_EQ(path_segment("../x"), "=2E.=2Fx");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
}

}  // namespace
}  // namespace assay
