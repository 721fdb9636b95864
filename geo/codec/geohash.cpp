#include "geo/codec/geohash.hpp"

namespace diaban::geo::codec {

namespace {

constexpr char letters[] = "0123456789bcdefghjkmnpqrstuvwxyz";
constexpr unsigned bits_a_letter = 5;

/// An interval that is halved towards a value.
struct Halving {
    double low;
    double high;

    /// 1 if the value lies in the upper half.
    unsigned halve(double value) noexcept {
        double const middle = low + (high - low) / 2;
        bool const upper = value >= middle;
        (upper ? low : high) = middle;
        return upper ? 1 : 0;
    }
};

} // namespace

std::string geohash(Position p, unsigned length) {
    Halving longitude{-180, 180};
    Halving latitude{-90, 90};
    std::string text;
    bool along = true;
    for (unsigned i = 0; i < length; ++i) {
        unsigned letter = 0;
        for (unsigned bit = 0; bit < bits_a_letter; ++bit) {
            letter = letter * 2 + (along ? longitude.halve(p.x) : latitude.halve(p.y));
            along = !along;
        }
        text += letters[letter];
    }
    return text;
}

} // namespace diaban::geo::codec
