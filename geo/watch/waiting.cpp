#include "geo/watch/waiting.hpp"

#include <boost/math/special_functions/gamma.hpp>

#include <cmath>

namespace diaban::geo::watch {

std::optional<Waiting> waiting(double queue, std::uint64_t passed, double minutes) {
    constexpr double tail = 0.025; // each side
    if (!(queue >= 0) || !std::isfinite(queue) || !(minutes > 0) || !std::isfinite(minutes))
        return std::nullopt;
    auto const count = double(passed);
    Waiting made;
    made.low = queue * minutes / boost::math::gamma_p_inv(count + 1, 1 - tail);
    if (passed > 0) {
        made.minutes = queue * minutes / count;
        made.high = queue * minutes / boost::math::gamma_p_inv(count, tail);
    } else if (queue == 0) {
        made.minutes = made.high = 0;
    }
    return made;
}

} // namespace diaban::geo::watch
