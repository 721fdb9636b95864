#pragma once

#include "services/access/visitor.hpp"
#include "services/http/client_limits.hpp"
#include "services/http/crowding.hpp"
#include "services/http/metrics.hpp"
#include "services/http/refusal_log.hpp"
#include "services/http/router.hpp"
#include "services/traces/tracer.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace diaban::services::http {

struct ApplicationOptions {
    std::string allow_origin; ///< browsers of this origin may read; `*`: any; empty: none but ours
    /// Pages of the same host on this port may read too; 0: there are none.
    std::uint16_t pages_port = 0;
    bool server_timing = false;
    unsigned most_working = 0; ///< requests at work at once in a crowd (Crowding); 0: any number
    traces::Tracer* tracer = nullptr; ///< where spans go; outlives the application
    /// Says who asks, and outlives the application; null: nobody has any right.
    access::Gate const* gate = nullptr;
    /// Whose proxies are believed, and how much clients may ask; outlives the application. Null: no
    /// proxy is believed, and everyone may ask as much as they like.
    ClientLimits* limits = nullptr;
};

/// From request to answer: route, language, visitor, errors, CORS, counting. Knows no socket.
/// Every answer names its request (`X-Request-Id`), and so does what the log tells meanwhile.
class Application : public Service {
public:
    /// `router` is whole; it is not changed any more.
    Application(Router router, ApplicationOptions options);

    Response serve(Request const& request) noexcept override;
    Response refuse(Refusal const& refusal, Request const& request) noexcept override;

    [[nodiscard]] Metrics const& metrics() const noexcept { return m_metrics; }
    [[nodiscard]] Router const& router() const noexcept { return m_router; }
    [[nodiscard]] Crowding const& crowding() const noexcept { return m_crowding; }

private:
    void count(Request const& request) const;
    Response answer_marked(Request const& request, traces::Scope& span) noexcept;
    void describe(traces::Scope& span, Request const& request, Metrics::Asked const& asked,
                  Response const& response) const;
    Response answer_request(Request const& request, Metrics::Asked& asked);
    void name_collections(Route const& route, std::span<std::string const> texts,
                          Metrics::Asked& asked);
    [[nodiscard]] access::Visitor admit(Request const& request, Route const& route) const;
    Response answer_options(Request const& request, Router::Match const& match) const;
    Response explain(geo::Error const& error, Request const& request, int status);
    [[nodiscard]] bool may_read(Request const& request) const;
    [[nodiscard]] bool is_own_page(Request const& request) const;
    void allow_reading(Request const& request, Response& response) const;

    Router m_router;
    ApplicationOptions m_options;
    Metrics m_metrics;
    Crowding m_crowding;
    RefusalLog m_refusals;
};

} // namespace diaban::services::http
