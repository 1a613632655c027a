#include "open-set-al/exhibit.hpp"

#include <algorithm>
#include <array>

#include "learn/png.hpp"

namespace assay::open_set_al {

namespace {

using Colour = std::array<std::uint8_t, 3>;
// Okabe and Ito's palette: told apart by colour-blind readers. task.json's legend says what they mean.
constexpr Colour kKnown{0x56, 0xb4, 0xe9}, kUnknown{0xd5, 0x5e, 0x00};
constexpr std::int64_t kColumns = 10, kFrame = 2;

struct Cell {
  std::int64_t id, query, column;
};

// The first images of each query, in the order of the method's selection.
std::vector<Cell> shown_cells(const std::vector<Ids>& queries) {
  std::vector<Cell> cells;
  for (std::size_t t = 0; t < queries.size(); ++t) {
    const auto count = std::min<std::int64_t>(kColumns, std::ssize(queries[t]));
    for (std::int64_t i = 0; i < count; ++i) {
      cells.push_back({queries[t][static_cast<std::size_t>(i)], static_cast<std::int64_t>(t), i});
    }
  }
  return cells;
}

// Cells of an image and a frame around it, a row of them per query; a plane after the other.
class Sheet {
 public:
  Sheet(std::int64_t channels, std::int64_t rows, const learn::ImageShape& image)
      : channels_(channels),
        rows_(rows),
        down_(image.height + 2 * kFrame),
        right_(image.width + 2 * kFrame),
        values_(static_cast<std::size_t>(channels * height() * width()), 0) {}

  std::int64_t height() const { return rows_ * down_; }
  std::int64_t width() const { return kColumns * right_; }
  bool in_frame(std::int64_t y, std::int64_t x) const {
    const auto inside = [](std::int64_t at, std::int64_t size) { return at >= kFrame && at < size - kFrame; };
    return !inside(y % down_, down_) || !inside(x % right_, right_);
  }
  std::uint8_t& at(const Cell& cell, std::int64_t channel, std::int64_t y, std::int64_t x) {
    const auto row = cell.query * down_ + y, column = cell.column * right_ + x;
    return values_[static_cast<std::size_t>((channel * height() + row) * width() + column)];
  }
  std::int64_t cell_height() const { return down_; }
  std::int64_t cell_width() const { return right_; }
  std::string png() const { return learn::png(values_, channels_, height(), width()); }

 private:
  std::int64_t channels_, rows_, down_, right_;
  std::vector<std::uint8_t> values_;
};

std::string images_png(const Pool& pool, std::int64_t queries, const std::vector<Cell>& cells) {
  constexpr int kLevels = 7;  // enough to tell garments apart, and a third of the bytes
  const auto& pixels = pool.ground.images.pixels();
  const auto shape = pool.ground.images.shape();
  Sheet sheet(shape.channels, queries, shape);
  for (const auto& cell : cells) {
    const auto* from = pixels.const_data_ptr<std::uint8_t>() + cell.id * shape.channels * shape.height * shape.width;
    for (std::int64_t c = 0; c < shape.channels; ++c) {
      for (std::int64_t y = 0; y < shape.height; ++y) {
        for (std::int64_t x = 0; x < shape.width; ++x) {
          const int level = (*from++ * kLevels + 127) / 255;
          sheet.at(cell, c, y + kFrame, x + kFrame) = static_cast<std::uint8_t>(level * 255 / kLevels);
        }
      }
    }
  }
  return sheet.png();
}

// Frames over nothing, to be laid over the images.
std::string frames_png(const Pool& pool, std::int64_t queries, const std::vector<Cell>& cells) {
  Sheet sheet(4, queries, pool.ground.images.shape());
  for (const auto& cell : cells) {
    const auto& colour = pool.is_known(cell.id) ? kKnown : kUnknown;
    for (std::int64_t y = 0; y < sheet.cell_height(); ++y) {
      for (std::int64_t x = 0; x < sheet.cell_width(); ++x) {
        if (!sheet.in_frame(y, x)) continue;
        for (std::int64_t c = 0; c < 3; ++c) sheet.at(cell, c, y, x) = colour[static_cast<std::size_t>(c)];
        sheet.at(cell, 3, y, x) = 255;
      }
    }
  }
  return sheet.png();
}

// "known: 41, 87 of 120"
std::string caption_of(const Pool& pool, const std::vector<Ids>& queries) {
  std::string text = "known: ";
  for (std::size_t t = 0; t < queries.size(); ++t) {
    const auto known = std::count_if(queries[t].begin(), queries[t].end(), [&](auto id) { return pool.is_known(id); });
    text += (t > 0 ? ", " : "") + std::to_string(known);
  }
  return text + " of " + std::to_string(queries.front().size());
}

}  // namespace

Json exhibit_of(const Pool& pool, const std::vector<Ids>& queries, Reporter& reporter) {
  const auto cells = shown_cells(queries);
  const auto count = std::ssize(queries);
  const auto images = reporter.picture("image/png", images_png(pool, count, cells));
  const auto frames = reporter.picture("image/png", frames_png(pool, count, cells));
  return {{{"id", "queries"},
           {"shared", {{{"title", "rows"}, {"caption", "queries 1 to " + std::to_string(count) + ", from the top"}}}},
           {"answer",
            {{"pictures", {{{"picture", frames}, {"title", "the first ones of each query"}, {"over", images}}}},
             {"caption", caption_of(pool, queries)}}}}};
}

}  // namespace assay::open_set_al
