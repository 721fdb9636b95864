#pragma once

#include "data/postgis/pull_store.hpp"
#include "data/postgis/webhook_store.hpp"
#include "services/http/client_address.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace diaban::services::domain {

struct WebhookOptions {
    std::chrono::milliseconds first_pause{1'000}; ///< after a failure; doubled after each further
    std::chrono::milliseconds most_pause{3'600'000};
    int most_attempts = 20; ///< some eight hours
    unsigned threads = 2;
    http::Networks reach{}; ///< internal networks that receivers may be in
};

/// Sends what was said of alerts to those who subscribed: as JSON, signed (Standard Webhooks 1.0:
/// `webhook-id` stays the same however often it is sent, `webhook-timestamp`, `webhook-signature`).
///
/// Order    of each subscription as it was said; one that fails holds up its own later ones alone.
/// Once     at least: whoever dies after sending sends again. Of several nodes one sends to a
///          subscription at a time.
/// Retries  after a pause that doubles, half of it by chance; then it is dead until somebody says
/// to
///          try it again. Taken is what is answered by 2xx.
/// Guard    only hosts that the record names (`diaban.pull_host`); no redirects, five seconds.
/// Threads  of its own.
class WebhookSender {
public:
    WebhookSender(std::string const& database, WebhookOptions options);
    ~WebhookSender() { stop(); }
    WebhookSender(WebhookSender const&) = delete;
    WebhookSender& operator=(WebhookSender const&) = delete;

    void start();
    void stop();
    [[nodiscard]] data::postgis::WebhookStore const& store() const noexcept { return m_store; }
    [[nodiscard]] data::postgis::PullStore const& hosts() const noexcept { return m_hosts; }

private:
    void run(std::stop_token const& stop);
    [[nodiscard]] data::model::Receipt attempt(data::model::Posting const& posting) const;

    WebhookOptions m_options;
    data::postgis::Pool m_pool;
    data::postgis::WebhookStore m_store;
    data::postgis::PullStore m_hosts;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::vector<std::jthread> m_threads;
};

/// What is sent of a message: type, timestamp, and of the alert what is for others.
[[nodiscard]] std::string webhook_body(data::model::Posting const& posting);

} // namespace diaban::services::domain
