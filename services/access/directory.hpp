#pragma once

#include "data/model/access.hpp"
#include "data/postgis/access_store.hpp"
#include "services/access/visitor.hpp"
#include "services/http/message.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace diaban::services::access {

/// Name of the cookie that holds a session's secret.
inline constexpr char session_cookie[] = "diaban_session";

/// Value of a cookie of the request; empty if it has none of that name.
[[nodiscard]] std::string_view cookie_of(http::Request const& request,
                                         std::string_view name) noexcept;

/// What a visitor of one role alone may do; of `public`: one who did not sign in.
/// Throws   Error{not_found, "unknown-role"}.
[[nodiscard]] Rights rights_of_role(data::model::AccessRecord const& record, std::string_view role);

/// Who may what, mirrored: reads know their visitor without asking the record, also while that is
/// away. What was established goes on; only what needs a new entry has to wait.
///
/// Threads   any number reads; one of its own looks for changes.
/// Age       what another node changed is known after a quarter of a second; sessions and tokens
///           end at their time, by this machine's clock.
class Directory : public Gate {
public:
    explicit Directory(data::postgis::AccessStore const& store);
    ~Directory() override;
    Directory(Directory const&) = delete;
    Directory& operator=(Directory const&) = delete;

    [[nodiscard]] Visitor admit(http::Request const& request) const override;
    /// Somebody who did not sign in. Throws Error{unavailable, "access-not-ready"}.
    [[nodiscard]] Visitor anonymous() const;
    /// The record of accounts as it is known; null before the first reading.
    [[nodiscard]] std::shared_ptr<data::model::AccessRecord const> record() const;
    /// Reads the record now: whoever asks from here on finds what was changed before.
    /// Throws   as AccessStore.
    void refresh();
    /// Waits until the record was read once; false after `patience`.
    bool wait_until_ready(std::chrono::milliseconds patience);

private:
    /// What a session or a token stands for.
    struct Entry {
        std::string login;
        std::int64_t expires_at = 0; ///< microseconds
        std::shared_ptr<Rights const> rights;
        std::shared_ptr<Standing> standing;
    };
    using Entries = std::map<std::string, Entry, std::less<>>;
    struct State {
        std::shared_ptr<data::model::AccessRecord const> record;
        std::shared_ptr<Rights const> everyones;
        std::shared_ptr<Standing> everyones_standing;
        Entries sessions; ///< by SHA-256
        Entries tokens;
    };
    class Maker;

    [[nodiscard]] std::shared_ptr<State const> state() const;
    void adopt(data::model::AccessRecord record);
    void watch();
    void end_expired() const;

    data::postgis::AccessStore const& m_store;
    std::atomic<std::shared_ptr<State const>> m_state;
    std::mutex m_refreshing;
    std::mutex m_mutex;
    std::condition_variable m_woken;
    bool m_ending = false;
    std::thread m_watcher; // last
};

} // namespace diaban::services::access
