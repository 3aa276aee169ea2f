#pragma once

#include "app/models/bundle_catalog.h"
#include "app/models/conversation_actions.h"
#include "app/models/file_rules.h"
#include "app/models/message_list_model.h"
#include "app/models/message_picture.h"
#include "app/models/relay_list.h"
#include "app/models/self_model.h"
#include "app/models/sidebar_model.h"
#include "app/models/transfer_board.h"
#include "app/models/transfer_list_model.h"

namespace landline::app {

/// Every model of one open profile. Made once the messenger runs; destroyed after it has stopped, so that no answer
/// under way finds its receiver gone.
struct AppModels {
    AppModels(const MessengerPort& messenger, const QString& outbox)
        : port(messenger),
          self(port),
          sidebar(port),
          messages(port),
          actions(port, outbox),
          board(port),
          rules(port),
          relays(port),
          bundles(port),
          transfers(port, &board, &sidebar) {
        forgetWithMessages(pictures, port);
    }

    MessengerPort port;
    SelfModel self;
    SidebarModel sidebar;
    MessageListModel messages;
    ConversationActions actions;
    TransferBoard board;
    FileRules rules;
    RelayList relays;
    BundleCatalog bundles;
    TransferListModel transfers;
    Thumbnails pictures;
};

}  // namespace landline::app
