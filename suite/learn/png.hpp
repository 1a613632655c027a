// PNG files of small images (8 bits a channel; grey, RGB, or RGB with opacity), by zlib alone: ours have no palette.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace assay::learn {

// `pixels`: [channels, height, width] with one channel, three or four.
std::string png(std::span<const std::uint8_t> pixels, std::int64_t channels, std::int64_t height, std::int64_t width);

}  // namespace assay::learn
