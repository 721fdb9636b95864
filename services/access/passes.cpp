#include "services/access/passes.hpp"

#include "geo/error.hpp"
#include "services/access/directory.hpp"
#include "services/access/secret.hpp"
#include "services/http/message.hpp"

#include <array>
#include <utility>

namespace diaban::services::access {

Passes::Pass::Pass(Passes& passes, Visitor const& visitor)
    : m_passes{passes}, m_secret{random_secret()} {
    static std::array<std::string, 1> const reading{action_names[std::size_t(Action::read)]};
    auto sent = visitor;
    sent.rights = std::make_shared<Rights const>(visitor.rights->limited_to(reading));
    sent.way = Visitor::Way::token;
    sent.session.clear();
    sent.csrf.clear();
    std::lock_guard const lock{m_passes.m_mutex};
    m_passes.m_visitors.emplace(sha256_of(m_secret), std::move(sent));
}

Passes::Pass::~Pass() {
    std::lock_guard const lock{m_passes.m_mutex};
    m_passes.m_visitors.erase(sha256_of(m_secret));
}

Visitor Passes::admit(http::Request const& request) const {
    auto const secret = cookie_of(request, cookie);
    if (secret.empty()) return m_behind.admit(request);
    bool const reads = request.method == http::Method::get || request.method == http::Method::head;
    std::lock_guard const lock{m_mutex};
    auto const found = m_visitors.find(sha256_of(secret));
    if (!reads || found == m_visitors.end() || found->second.standing->ended())
        throw geo::Error{geo::Code::forbidden, "sign-in-needed"};
    return found->second;
}

} // namespace diaban::services::access
