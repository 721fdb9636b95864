#include "services/domain/photo.hpp"

#include "geo/error.hpp"

#include <cstdint>

namespace diaban::services::domain {

namespace {

constexpr std::uint8_t start_of_scan = 0xda;
constexpr std::uint8_t end_of_image = 0xd9;
constexpr std::uint8_t comment = 0xfe;
constexpr std::uint8_t first_app = 0xe0;
constexpr std::uint8_t adobe = 0xee;
constexpr std::uint8_t last_app = 0xef;

[[noreturn]] void refuse() {
    throw geo::Error{geo::Code::bad_input, "bad-photo", {{"accepted", "image/jpeg"}}};
}

bool tells_more(std::uint8_t marker) noexcept {
    return marker == comment || (marker > first_app && marker <= last_app && marker != adobe);
}

bool is_frame(std::uint8_t marker) noexcept {
    return marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
}

} // namespace

std::string stripped_jpeg(std::string_view bytes) {
    auto const byte = [&](std::size_t at) {
        if (at >= bytes.size()) refuse();
        return static_cast<std::uint8_t>(bytes[at]);
    };
    if (byte(0) != 0xff || byte(1) != 0xd8) refuse();
    std::string kept{bytes.substr(0, 2)};
    bool framed = false;
    for (std::size_t at = 2;;) {
        if (byte(at) != 0xff) refuse();
        auto const marker = byte(at + 1);
        if (marker == 0xff) { // fill
            ++at;
            continue;
        }
        if (marker == start_of_scan) {
            // What follows is the picture; nothing after its end is kept.
            auto const end = bytes.rfind("\xff\xd9");
            if (!framed || end == std::string_view::npos || end < at) refuse();
            kept += bytes.substr(at, end + 2 - at);
            return kept;
        }
        if (marker == end_of_image || marker < 0xc0) refuse();
        auto const size = std::size_t{byte(at + 2)} << 8U | byte(at + 3);
        if (size < 2 || at + 2 + size > bytes.size()) refuse();
        framed |= is_frame(marker);
        if (!tells_more(marker)) kept += bytes.substr(at, 2 + size);
        at += 2 + size;
    }
}

} // namespace diaban::services::domain
