#include "services/api/live.hpp"

#include "services/http/negotiation.hpp"
#include "services/live/subscription.hpp"

#include <fmt/format.h>

#include <utility>

namespace diaban::services::api {

namespace {

std::vector<std::string> const live_parameters{"collections", "bbox", "kinds", "after"};

http::Response redirect(http::Context const& context, std::uint16_t port) {
    auto origin = context.origin;
    if (auto const colon = origin.rfind(':');
        colon > origin.find("//") && origin.find(']', colon) == std::string_view::npos)
        origin = origin.substr(0, colon);
    auto const& query = context.request.query;
    http::Response response{.status = 307, .headers = {}, .body = {}};
    return std::move(response)
        .with("Location",
              fmt::format("{}:{}/live{}{}", origin, port, query.empty() ? "" : "?", query))
        .with("Cache-Control", "no-store");
}

/// Collections that the visitor does not see are refused as those that are not there.
live::Subscription read_subscription(http::Context const& context, domain::Picture const& picture) {
    auto subscription = live::read_subscription(context.query, picture);
    for (auto const& id : subscription.collections)
        if (!context.sees(id)) throw http::unknown_collection(id);
    return subscription;
}

http::Router live_router(domain::Atlas const& atlas) {
    http::Router router;
    router.get(
        access::Need::read, "/live", live_parameters, [&atlas](http::Context const& context) {
            static_cast<void>(read_subscription(context, *atlas.picture()));
            http::Response response{.status = 200, .headers = {}, .body = {}};
            return std::move(response)
                .with("Content-Type", "text/event-stream; charset=utf-8")
                .with("Cache-Control", "no-store")
                .with("X-Accel-Buffering", "no"); // a proxy that gathers would hold events back
        });
    return router;
}

} // namespace

void add_live(http::Router& router, std::function<std::uint16_t()> port) {
    router.get(access::Need::read, "/live", live_parameters,
               [port = std::move(port)](http::Context const& context) {
                   return redirect(context, port());
               });
}

LiveDoor::LiveDoor(domain::Atlas const& atlas, http::ApplicationOptions options,
                   std::size_t connections)
    : m_atlas{atlas}, m_gate{*options.gate}, m_connections{connections}, m_application{
                                                                             live_router(atlas),
                                                                             std::move(options)} {}

live::Admission LiveDoor::admit(http::Request const& request) noexcept {
    live::Admission admission;
    admission.response = m_application.serve(request);
    if (admission.response.status != 200 || request.method != http::Method::get) return admission;
    try {
        auto const query = http::Query::parse(request.query);
        admission.subscription = live::read_subscription(query, *m_atlas.picture());
        admission.visitor = m_gate.admit(request);
        if (auto const id = request.header("last-event-id"); !id.empty())
            admission.last_id = id;
        else if (auto const after = query.find("after"))
            admission.last_id = *after;
        admission.streams = true;
    } catch (...) { // a collection or a session that ended meanwhile, or no memory
        admission.response = http::Response{.status = 503, .headers = {}, .body = {}};
    }
    return admission;
}

http::Response LiveDoor::refuse(http::Refusal const& refusal,
                                http::Request const& request) noexcept {
    return m_application.refuse(refusal, request);
}

http::Response LiveDoor::turn_away(http::Request const& request) noexcept {
    try {
        geo::Error const error{geo::Code::unavailable,
                               "too-many-subscribers",
                               {{"value", std::to_string(m_connections.load())}}};
        auto const language =
            http::choose_language(std::nullopt, request.header("accept-language"));
        return http::problem(error, 503, language, request.path).with("Retry-After", "5");
    } catch (...) {
        return http::Response{.status = 503, .headers = {}, .body = {}};
    }
}

} // namespace diaban::services::api
