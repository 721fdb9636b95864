#include "services/access/directory.hpp"

#include "geo/error.hpp"
#include "services/access/secret.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace diaban::services::access {

namespace {

using data::model::AccessRecord;

constexpr std::chrono::milliseconds look{250};

std::int64_t now_microseconds() {
    return std::chrono::duration_cast<std::chrono::microseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

Role role_of(data::model::AccessRole const& record) {
    Role role{record.name, {}, {record.administer, record.audit, record.operate}};
    for (auto const& grant : record.grants)
        if (auto const action = action_named(grant.action))
            role.grants.push_back({grant.collection,
                                   *action,
                                   {grant.everywhere, grant.units, grant.level, grant.masked}});
    return role;
}

std::string_view bearer_of(http::Request const& request) noexcept {
    constexpr std::string_view scheme = "bearer ";
    auto const field = request.header("authorization");
    if (field.size() <= scheme.size() ||
        !http::equal_without_case(field.substr(0, scheme.size()), scheme))
        return {};
    return field.substr(scheme.size());
}

} // namespace

std::string_view cookie_of(http::Request const& request, std::string_view name) noexcept {
    for (auto const& header : request.headers) {
        if (!http::equal_without_case(header.name, "cookie")) continue;
        for (auto rest = header.value; !rest.empty();) {
            auto const end = rest.find(';');
            auto one = rest.substr(0, end);
            while (one.starts_with(' ')) one.remove_prefix(1);
            if (one.size() > name.size() && one.starts_with(name) && one[name.size()] == '=')
                return one.substr(name.size() + 1);
            rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
        }
    }
    return {};
}

Rights rights_of_role(AccessRecord const& record, std::string_view role) {
    Role everyone{"public", {}, {}};
    std::optional<Role> named;
    for (auto const& one : record.roles) {
        if (one.name == everyone.name) everyone = role_of(one);
        if (one.name == role) named = role_of(one);
    }
    if (role == everyone.name) return Rights{{}, everyone};
    if (!named)
        throw geo::Error{geo::Code::not_found, "unknown-role", {{"value", std::string{role}}}};
    Role const* const roles[] = {&*named};
    return Rights{roles, everyone};
}

/// Makes a state of a record; what held before and holds still keeps its standing.
class Directory::Maker {
public:
    Maker(AccessRecord const& record, State const* before) : m_record{record}, m_before{before} {
        for (auto const& role : record.roles) m_roles.emplace(role.name, role_of(role));
        for (auto const& account : record.accounts)
            m_accounts.emplace(account.login, rights_of(account));
    }

    void make(State& state) {
        state.everyones = shared(Rights{{}, everyone()});
        bool const same =
            m_before != nullptr && m_before->everyones->key() == state.everyones->key();
        state.everyones_standing =
            same ? m_before->everyones_standing : std::make_shared<Standing>();
        if (m_before != nullptr && !same) m_before->everyones_standing->end();
        for (auto const& session : m_record.sessions)
            add(state.sessions, m_before ? &m_before->sessions : nullptr, session.id, session.login,
                session.expires_at, nullptr);
        for (auto const& token : m_record.tokens)
            add(state.tokens, m_before ? &m_before->tokens : nullptr, token.sha256, token.login,
                token.expires_at, &token.scopes);
        if (m_before == nullptr) return;
        end_others(m_before->sessions, state.sessions);
        end_others(m_before->tokens, state.tokens);
    }

private:
    [[nodiscard]] Role const& everyone() const {
        static Role const none{"public", {}, {}};
        auto const at = m_roles.find("public");
        return at == m_roles.end() ? none : at->second;
    }

    std::shared_ptr<Rights const> shared(Rights rights) {
        auto& known = m_classes[rights.key()];
        if (!known) known = std::make_shared<Rights const>(std::move(rights));
        return known;
    }

    /// Null for one who may not come in.
    std::shared_ptr<Rights const> rights_of(data::model::Account const& account) {
        if (account.disabled) return nullptr;
        std::vector<Role const*> roles;
        for (auto const& name : account.roles)
            if (auto const at = m_roles.find(name); at != m_roles.end())
                roles.push_back(&at->second);
        return shared(Rights{roles, everyone()});
    }

    void add(Entries& entries, Entries const* before, std::string const& key,
             std::string const& login, geo::Instant expires_at,
             std::vector<std::string> const* scopes) {
        auto const account = m_accounts.find(login);
        if (account == m_accounts.end() || !account->second) return;
        Entry entry{login, expires_at.microseconds, account->second, nullptr};
        if (scopes != nullptr) entry.rights = shared(entry.rights->limited_to(*scopes));
        if (before != nullptr)
            if (auto const at = before->find(key); at != before->end() &&
                                                   at->second.login == login &&
                                                   at->second.rights->key() == entry.rights->key())
                entry.standing = at->second.standing;
        if (!entry.standing) entry.standing = std::make_shared<Standing>();
        entries.emplace(key, std::move(entry));
    }

    /// What is gone, or holds otherwise now.
    static void end_others(Entries const& before, Entries const& now) {
        for (auto const& [key, entry] : before) {
            auto const at = now.find(key);
            if (at == now.end() || at->second.standing != entry.standing) entry.standing->end();
        }
    }

    AccessRecord const& m_record;
    State const* m_before;
    std::map<std::string, Role, std::less<>> m_roles;
    std::map<std::string, std::shared_ptr<Rights const>, std::less<>> m_classes;
    std::map<std::string, std::shared_ptr<Rights const>, std::less<>> m_accounts;
};

Directory::Directory(data::postgis::AccessStore const& store)
    : m_store{store}, m_watcher{[this] { watch(); }} {}

Directory::~Directory() {
    {
        std::lock_guard const lock{m_mutex};
        m_ending = true;
    }
    m_woken.notify_all();
    m_watcher.join();
}

std::shared_ptr<Directory::State const> Directory::state() const {
    auto known = m_state.load();
    if (!known) throw geo::Error{geo::Code::unavailable, "access-not-ready"};
    return known;
}

Visitor Directory::admit(http::Request const& request) const {
    auto const known = state();
    auto const holds = [](Entries const& entries, std::string_view secret) -> Entry const* {
        auto const at = entries.find(sha256_of(secret));
        bool const found = at != entries.end() && at->second.expires_at > now_microseconds();
        return found ? &at->second : nullptr;
    };
    if (auto const secret = bearer_of(request); !secret.empty()) {
        auto const* const entry = holds(known->tokens, secret);
        if (entry == nullptr) throw geo::Error{geo::Code::forbidden, "sign-in-needed"};
        return {entry->rights, entry->standing, Visitor::Way::token, entry->login, {}, {}};
    }
    if (auto const secret = cookie_of(request, session_cookie); !secret.empty())
        if (auto const* const entry = holds(known->sessions, secret))
            return {entry->rights, entry->standing,   Visitor::Way::session,
                    entry->login,  sha256_of(secret), csrf_of(secret)};
    return {known->everyones, known->everyones_standing};
}

Visitor Directory::anonymous() const {
    auto const known = state();
    return {known->everyones, known->everyones_standing};
}

std::shared_ptr<AccessRecord const> Directory::record() const {
    auto const known = m_state.load();
    return known ? known->record : nullptr;
}

void Directory::refresh() {
    std::lock_guard const lock{m_refreshing};
    adopt(m_store.read());
}

void Directory::adopt(AccessRecord record) {
    auto made = std::make_shared<State>();
    auto const before = m_state.load();
    Maker{record, before.get()}.make(*made);
    made->record = std::make_shared<AccessRecord const>(std::move(record));
    m_state.store(std::move(made));
}

void Directory::end_expired() const {
    auto const known = m_state.load();
    if (!known) return;
    auto const now = now_microseconds();
    for (auto const* const entries : {&known->sessions, &known->tokens})
        for (auto const& [key, entry] : *entries)
            if (entry.expires_at <= now) entry.standing->end();
}

void Directory::watch() {
    std::string fault;
    std::unique_lock lock{m_mutex};
    while (!m_ending) {
        lock.unlock();
        try {
            auto const known = record();
            if (!known || known->version != m_store.version()) refresh();
            fault.clear();
        } catch (std::exception const& error) { // what is known holds meanwhile
            if (fault != error.what()) spdlog::warn("access: {}", error.what());
            fault = error.what();
        }
        end_expired();
        lock.lock();
        m_woken.wait_for(lock, look, [this] { return m_ending; });
    }
}

bool Directory::wait_until_ready(std::chrono::milliseconds patience) {
    auto const end = std::chrono::steady_clock::now() + patience;
    while (!record() && std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
    return record() != nullptr;
}

} // namespace diaban::services::access
