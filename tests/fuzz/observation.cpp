#include "geo/codec/nesting.hpp"
#include "geo/error.hpp"
#include "services/api/sta_observation.hpp"
#include "tests/fuzz/targets.hpp"

/// As a message of MQTT, then as a body of HTTP, which names its datastream.
void diaban::tests::fuzz::observation(Bytes input) {
    if (geo::codec::nests_deeper(text_of(input), geo::codec::deepest_json)) return;
    try {
        auto const body = nlohmann::json::parse(text_of(input));
        try {
            auto const one = services::api::read_observation(body, 7, std::nullopt);
            require(one.datastream == 7, "an observation of another datastream");
        } catch (geo::Error const&) {
        }
        static_cast<void>(services::api::read_observation(body, std::nullopt, geo::Instant{}));
    } catch (geo::Error const&) {
    } catch (nlohmann::json::exception const&) {
    }
}
