#include "services/live/position.hpp"

#include <array>
#include <charconv>

namespace diaban::services::live {
namespace {

// Numbers to the base 32, so that `z` is free to stand between them.
constexpr int base = 32;
constexpr char mark = 'z';

} // namespace

std::string write_position(Position const& position) {
    std::string text;
    for (auto const number : {position.generation, position.seq, position.seq - position.fresh}) {
        std::array<char, 16> digits{};
        auto const [end, fault] =
            std::to_chars(digits.data(), digits.data() + digits.size(), number, base);
        if (!text.empty()) text += mark;
        text.append(digits.data(), end);
    }
    return text;
}

std::optional<Position> read_position(std::string_view text) noexcept {
    std::array<std::int64_t, 3> numbers{};
    auto const* at = text.data();
    auto const* const end = at + text.size();
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        if (i > 0 && (at == end || *at++ != mark)) return std::nullopt;
        auto const [stop, fault] = std::from_chars(at, end, numbers[i], base);
        if (fault != std::errc{} || numbers[i] < 0) return std::nullopt;
        at = stop;
    }
    if (at != end || numbers[2] > numbers[1]) return std::nullopt;
    return Position{numbers[0], numbers[1], numbers[1] - numbers[2]};
}

} // namespace diaban::services::live
