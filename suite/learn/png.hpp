// PNG files of small images (8 bits a channel, grey or RGB), by zlib alone: ours have neither palette nor transparency.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace assay::learn {

// `pixels`: [channels, height, width] with one channel or three.
std::string png(std::span<const std::uint8_t> pixels, std::int64_t channels, std::int64_t height, std::int64_t width);

}  // namespace assay::learn
