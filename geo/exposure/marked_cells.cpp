#include "geo/exposure/marked_cells.hpp"

#include <cmath>

namespace diaban::geo::exposure {

namespace {

/// The least float that is not below a number: floats compare with it as with the number itself.
float not_below(double number) noexcept {
    auto const near = float(number);
    return double(near) < number ? std::nextafter(near, std::numeric_limits<float>::infinity())
                                 : near;
}

/// Bits [begin, end) of a word.
constexpr std::uint64_t bits(unsigned begin, unsigned end) noexcept {
    auto const below = [](unsigned bit) {
        return bit == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bit) - 1;
    };
    return below(end) & ~below(begin);
}

/// A whole number near enough.
std::optional<std::int32_t> whole(double number) noexcept {
    double const near = std::round(number);
    if (std::abs(number - near) > 1e-6 || std::abs(near) > 1e9) return std::nullopt;
    return std::int32_t(near);
}

} // namespace

MarkedCells::MarkedCells(raster::Frame const& frame)
    : m_frame{frame}, m_words((frame.shape.cells() + 63) / 64, 0) {}

std::uint64_t MarkedCells::count(std::size_t begin, std::size_t end) const noexcept {
    if (begin >= end) return 0;
    auto const first = begin / 64;
    auto const last = (end - 1) / 64;
    auto const from = unsigned(begin % 64);
    auto const to = unsigned((end - 1) % 64) + 1;
    auto const ones = [](std::uint64_t word) { return std::uint64_t(std::popcount(word)); };
    if (first == last) return ones(m_words[first] & bits(from, to));
    auto sum = ones(m_words[first] & bits(from, 64)) + ones(m_words[last] & bits(0, to));
    for (auto i = first + 1; i < last; ++i) sum += ones(m_words[i]);
    return sum;
}

void MarkedCells::mark_row(float const* values, std::size_t first, std::size_t count, float from,
                           float below) noexcept {
    for (std::size_t i = 0; i < count;) {
        auto const cell = first + i;
        auto const stop = std::min(count, i + 64 - cell % 64);
        std::uint64_t word = 0;
        for (auto bit = cell % 64; i < stop; ++i, ++bit)
            word |= std::uint64_t(values[i] >= from && values[i] < below) << bit;
        m_words[cell / 64] |= word;
    }
}

void MarkedCells::mark(std::span<float const> values, raster::Window const& place,
                       std::int32_t factor, ValueRange const& range) {
    float const from = not_below(range.from);
    float const below = not_below(range.below);
    auto const columns = std::size_t(place.columns / factor);
    std::vector<float> wide(factor == 1 ? 0 : std::size_t(place.columns));
    for (std::int32_t row = 0; row < place.rows; ++row) {
        float const* line = values.data() + std::size_t(row / factor) * columns;
        if (factor != 1) {
            for (std::size_t i = 0; i < wide.size(); ++i) wide[i] = line[i / std::size_t(factor)];
            line = wide.data();
        }
        mark_row(line, m_frame.shape.index(place.column, place.row + row),
                 std::size_t(place.columns), from, below);
    }
}

std::optional<Placed> place_in(raster::Frame const& whole_frame,
                               raster::Frame const& part) noexcept {
    auto const factor = whole(part.width / whole_frame.width);
    auto const down = whole(part.height / whole_frame.height);
    auto const column = whole((part.west - whole_frame.west) / whole_frame.width);
    auto const row = whole((whole_frame.north - part.north) / whole_frame.height);
    if (part.srid != whole_frame.srid || !factor || *factor < 1 || factor != down || !column ||
        !row)
        return std::nullopt;
    auto const columns = std::int64_t{part.shape.columns} * *factor;
    auto const rows = std::int64_t{part.shape.rows} * *factor;
    if (*column < 0 || *row < 0 || *column + columns > whole_frame.shape.columns ||
        *row + rows > whole_frame.shape.rows)
        return std::nullopt;
    return Placed{{*column, *row, std::int32_t(columns), std::int32_t(rows)}, *factor};
}

} // namespace diaban::geo::exposure
