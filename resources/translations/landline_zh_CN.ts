<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
    <context>
        <name>ErrorText</name>
        <message>
            <source>What arrived could not be understood.</source>
            <translation>无法理解收到的内容。</translation>
        </message>
        <message>
            <source>This is too large to be sent.</source>
            <translation>内容太大，无法发送。</translation>
        </message>
        <message>
            <source>The other side could not prove who it is.</source>
            <translation>对方无法证明自己的身份。</translation>
        </message>
        <message>
            <source>The versions do not fit together. Update Landline on both sides.</source>
            <translation>双方版本不兼容。请双方都更新 Landline。</translation>
        </message>
        <message>
            <source>The other side broke a rule of the protocol.</source>
            <translation>对方违反了协议规则。</translation>
        </message>
        <message>
            <source>This is not permitted.</source>
            <translation>不允许此操作。</translation>
        </message>
        <message>
            <source>It could not be found.</source>
            <translation>找不到。</translation>
        </message>
        <message>
            <source>Several things have this name.</source>
            <translation>有多个对象使用此名称。</translation>
        </message>
        <message>
            <source>This is not possible.</source>
            <translation>无法执行此操作。</translation>
        </message>
        <message>
            <source>The other side did not answer in time.</source>
            <translation>对方没有及时响应。</translation>
        </message>
        <message>
            <source>The other side cannot be reached.</source>
            <translation>无法联系到对方。</translation>
        </message>
        <message>
            <source>The connection has ended.</source>
            <translation>连接已结束。</translation>
        </message>
        <message>
            <source>There is no space left. Free some disk space and try again.</source>
            <translation>空间不足。请清理磁盘后重试。</translation>
        </message>
        <message>
            <source>Reading from or writing to the disk failed.</source>
            <translation>读写磁盘失败。</translation>
        </message>
        <message>
            <source>Another program is using this profile, or it needs a passphrase.</source>
            <translation>另一个程序正在使用此配置，或者需要输入密码短语。</translation>
        </message>
        <message>
            <source>Something went wrong inside Landline.</source>
            <translation>Landline 内部出错。</translation>
        </message>
        <message>
            <source>A name needs at least one visible character.</source>
            <translation>名字至少需要一个可见字符。</translation>
        </message>
        <message>
            <source>A reaction is one emoji.</source>
            <translation>回应只能是一个表情。</translation>
        </message>
        <message>
            <source>Only your own messages can be deleted for everyone.</source>
            <translation>只能为所有人删除自己的消息。</translation>
        </message>
        <message>
            <source>Only your own text messages can be edited.</source>
            <translation>只能编辑自己的文字消息。</translation>
        </message>
        <message>
            <source>The device that offered this file is not known here any more.</source>
            <translation>提供此文件的设备在这里已不再可知。</translation>
        </message>
        <message>
            <source>The message was stored but cannot be read back.</source>
            <translation>消息已保存，但无法读回。</translation>
        </message>
        <message>
            <source>There is no such conversation.</source>
            <translation>没有这个会话。</translation>
        </message>
        <message>
            <source>There is no such message, or it was deleted.</source>
            <translation>没有这条消息，或它已被删除。</translation>
        </message>
        <message>
            <source>There is no text to send.</source>
            <translation>没有可发送的文字。</translation>
        </message>
        <message>
            <source>This person is not known here.</source>
            <translation>这里不认识此人。</translation>
        </message>
        <message>
            <source>You have blocked this person. Unblock them to write to them.</source>
            <translation>你已屏蔽此人。取消屏蔽后才能发消息。</translation>
        </message>
    </context>
    <context>
        <name>MessageLayout</name>
        <message>
            <source>New messages</source>
            <translation>新消息</translation>
        </message>
        <message>
            <source>A message</source>
            <translation>一条消息</translation>
        </message>
        <message>
            <source>Not here (any more)</source>
            <translation>本机没有该消息（或已不存在）</translation>
        </message>
        <message>
            <source>Download</source>
            <translation>下载</translation>
        </message>
        <message>
            <source>Decline</source>
            <translation>拒绝</translation>
        </message>
        <message>
            <source>Withdraw</source>
            <translation>撤回</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>打开</translation>
        </message>
        <message>
            <source>Show in folder</source>
            <translation>打开所在文件夹</translation>
        </message>
        <message>
            <source>This message was deleted</source>
            <translation>此消息已删除</translation>
        </message>
        <message>
            <source>This message needs a newer version of Landline</source>
            <translation>需要更新 Landline 才能显示此消息</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>edited %1</source>
            <translation>已编辑 %1</translation>
        </message>
        <message>
            <source>disputed</source>
            <translation>有争议</translation>
        </message>
    </context>
    <context>
        <name>MessageText</name>
        <message>
            <source>offline</source>
            <translation>离线</translation>
        </message>
        <message>
            <source>last seen today at %1</source>
            <translation>今天 %1 在线</translation>
        </message>
        <message>
            <source>last seen yesterday at %1</source>
            <translation>昨天 %1 在线</translation>
        </message>
        <message>
            <source>last seen %1</source>
            <translation>最后在线：%1</translation>
        </message>
        <message>
            <source>Message deleted</source>
            <translation>消息已删除</translation>
        </message>
        <message>
            <source>File</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Needs a newer version of Landline</source>
            <translation>需要更新版本的 Landline</translation>
        </message>
        <message>
            <source>Today</source>
            <translation>今天</translation>
        </message>
        <message>
            <source>Yesterday</source>
            <translation>昨天</translation>
        </message>
        <message>
            <source>d MMMM</source>
            <extracomment>Day and month of a day line, in the format of QDate::toString</extracomment>
            <translation>M月d日</translation>
        </message>
        <message>
            <source>d MMMM yyyy</source>
            <extracomment>Day, month and year of a day line, in the format of QDate::toString</extracomment>
            <translation>yyyy年M月d日</translation>
        </message>
        <message>
            <source>%1, offered</source>
            <translation>%1，等待对方接收</translation>
        </message>
        <message>
            <source>%1, waiting</source>
            <translation>%1，等待中</translation>
        </message>
        <message>
            <source>%1 of %2, %3 %</source>
            <translation>%1 / %2，%3%</translation>
        </message>
        <message>
            <source>%1, paused at %2 %</source>
            <translation>%1，已暂停（%2%）</translation>
        </message>
        <message>
            <source>%1, failed</source>
            <translation>%1，失败</translation>
        </message>
        <message>
            <source>%1, cancelled</source>
            <translation>%1，已取消</translation>
        </message>
        <message>
            <source>online</source>
            <translation>在线</translation>
        </message>
        <message>
            <source>away</source>
            <translation>离开</translation>
        </message>
        <message>
            <source>busy</source>
            <translation>忙碌</translation>
        </message>
        <message>
            <source>invisible</source>
            <translation>隐身</translation>
        </message>
        <message>
            <source>typing…</source>
            <translation>正在输入…</translation>
        </message>
        <message>
            <source>Queued: will be sent when the other side is reachable</source>
            <translation>排队中：对方可达后自动发送</translation>
        </message>
        <message>
            <source>Held at a relay until the other side fetches it</source>
            <translation>暂存于中继，等待对方取走</translation>
        </message>
        <message>
            <source>Delivered</source>
            <translation>已送达</translation>
        </message>
        <message>
            <source>Read</source>
            <translation>已读</translation>
        </message>
        <message>
            <source>Could not be delivered</source>
            <translation>无法送达</translation>
        </message>
        <message>
            <source>Somebody without a name</source>
            <translation>未命名的人</translation>
        </message>
    </context>
    <context>
        <name>Storage</name>
        <message>
            <source>The profile folder %1 cannot be written. Check its permissions and its disk.</source>
            <translation>无法写入配置文件夹 %1。请检查其权限和所在磁盘。</translation>
        </message>
        <message>
            <source>The database %1 belongs to another person than the keys beside it. Put files back together that belong together.</source>
            <translation>数据库 %1 与同一文件夹中的密钥不属于同一个人。请把属于同一配置的文件放回一起。</translation>
        </message>
        <message>
            <source>The database %1 is damaged and could not be set aside. Rename it yourself and start again.</source>
            <translation>数据库 %1 已损坏且无法移开。请手动重命名后重新启动。</translation>
        </message>
        <message>
            <source>There is no message with this id.</source>
            <translation>没有使用此编号的消息。</translation>
        </message>
        <message>
            <source>Several messages have an id that begins so. Give more of it.</source>
            <translation>有多条消息的编号以此开头，请输入更多字符。</translation>
        </message>
        <message>
            <source>This profile was written by a newer version of Landline (database version %1, this program knows %2). Install the newer version.</source>
            <translation>此配置由更新版本的 Landline 写入（数据库版本 %1，本程序支持到 %2）。请安装新版本。</translation>
        </message>
    </context>
    <context>
        <name>landline::app::Banner</name>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>landline::app::Composer</name>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Send a file</source>
            <translation>发送文件</translation>
        </message>
        <message>
            <source>Emoji</source>
            <translation>表情</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>发送</translation>
        </message>
        <message>
            <source>yourself</source>
            <translation>自己</translation>
        </message>
        <message>
            <source>Reply to %1</source>
            <translation>回复 %1</translation>
        </message>
        <message>
            <source>Edit message</source>
            <translation>编辑消息</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ComposerText</name>
        <message>
            <source>Message</source>
            <translation>消息</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ConfirmDialog</name>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ConversationActions</name>
        <message>
            <source>The text could not be written into a file at %1. Check that the disk has space left.</source>
            <translation>无法将文字写入 %1 下的文件。请检查磁盘是否还有空间。</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ConversationHeader</name>
        <message>
            <source>Back to the list</source>
            <translation>返回列表</translation>
        </message>
        <message>
            <source>More</source>
            <translation>更多</translation>
        </message>
        <message>
            <source>Verified: show the safety number</source>
            <translation>已核对：查看安全码</translation>
        </message>
        <message>
            <source>Verify this person</source>
            <translation>核对此人的身份</translation>
        </message>
        <message>
            <source>Safety number…</source>
            <translation>安全码…</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>接受</translation>
        </message>
        <message>
            <source>Ignore</source>
            <translation>忽略</translation>
        </message>
        <message>
            <source>Unblock</source>
            <translation>取消屏蔽</translation>
        </message>
        <message>
            <source>Block</source>
            <translation>屏蔽</translation>
        </message>
        <message>
            <source>Close conversation</source>
            <translation>关闭会话</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ConversationPane</name>
        <message>
            <source>No messages here yet</source>
            <translation>还没有消息</translation>
        </message>
        <message>
            <source>Drop files here to send them</source>
            <translation>拖放到此处即可发送文件</translation>
        </message>
        <message>
            <source>Compare safety numbers</source>
            <translation>核对安全码</translation>
        </message>
        <message>
            <source>Block</source>
            <translation>屏蔽</translation>
        </message>
        <message>
            <source>Ignore</source>
            <translation>忽略</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>接受</translation>
        </message>
        <message>
            <source>Unblock</source>
            <translation>取消屏蔽</translation>
        </message>
        <message>
            <source>Somebody called %1 is known to you with another key. This may be another person, or somebody who pretends. Compare safety numbers before you trust it.</source>
            <translation>你已认识一位名为 %1 的人，但密钥不同。这可能是另一个人，也可能是冒充者。信任之前请先核对安全码。</translation>
        </message>
        <message>
            <source>%1 would like to write to you. Until you accept, only a few messages and no files get through.</source>
            <translation>%1 想与你聊天。在你接受之前，只能收到少量消息，不能收到文件。</translation>
        </message>
        <message>
            <source>You have blocked %1. Nothing gets through in either direction.</source>
            <translation>你已屏蔽 %1。双方的消息都不会送达。</translation>
        </message>
        <message>
            <source>You ignore %1: what arrives is kept, but you are not told.</source>
            <translation>你已忽略 %1：收到的消息会保留，但不会提醒你。</translation>
        </message>
        <message>
            <source>Choose somebody to write to</source>
            <translation>选择一个人开始聊天</translation>
        </message>
        <message>
            <source>Waiting for people on this network</source>
            <translation>正在等待同一网络中的人</translation>
        </message>
        <message>
            <source>This text is too long for a message</source>
            <translation>文字太长，无法作为一条消息发送</translation>
        </message>
        <message>
            <source>It can be sent as a text file instead.</source>
            <translation>可以改为以文本文件发送。</translation>
        </message>
        <message>
            <source>Send as a file</source>
            <translation>以文件发送</translation>
        </message>
        <message>
            <source>Send files</source>
            <translation>发送文件</translation>
        </message>
        <message>
            <source>%1 is not a file. Folders cannot be sent yet.</source>
            <translation>%1 不是文件。暂不支持发送文件夹。</translation>
        </message>
        <message>
            <source>Delete for everyone?</source>
            <translation>为所有人删除？</translation>
        </message>
        <message>
            <source>The message goes from this device and from those of everybody in the conversation, as soon as they are reached.</source>
            <translation>此消息将从本机以及会话中所有人的设备上删除（对方可达时立即生效）。</translation>
        </message>
        <message>
            <source>Delete</source>
            <translation>删除</translation>
        </message>
        <message>
            <source>Download to</source>
            <translation>下载到</translation>
        </message>
    </context>
    <context>
        <name>landline::app::Desktop</name>
        <message>
            <source>would like to write to you</source>
            <translation>想与你聊天</translation>
        </message>
        <message>
            <source>New message</source>
            <translation>新消息</translation>
        </message>
        <message>
            <source>Version %1

A messenger for people on one network: no server, no account, encrypted from end to end.</source>
            <translation>版本 %1

同一网络中的即时通讯：没有服务器，无需账号，端到端加密。</translation>
        </message>
        <message>
            <source>About Landline</source>
            <translation>关于 Landline</translation>
        </message>
    </context>
    <context>
        <name>landline::app::FirstRunPage</name>
        <message>
            <source>Welcome to Landline</source>
            <translation>欢迎使用 Landline</translation>
        </message>
        <message>
            <source>Talk and share files with the people on your network. No account, no server: just say who you are.</source>
            <translation>与同一网络中的人聊天和传送文件。无需账号，没有服务器：只要告诉大家你是谁。</translation>
        </message>
        <message>
            <source>Your name</source>
            <translation>你的名字</translation>
        </message>
        <message>
            <source>Begin</source>
            <translation>开始</translation>
        </message>
    </context>
    <context>
        <name>landline::app::JumpButton</name>
        <message>
            <source>Go to the newest message</source>
            <translation>跳到最新消息</translation>
        </message>
        <message numerus="yes">
            <source>%n new messages</source>
            <translation>
                <numerusform>%n 条新消息</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::MessageListModel</name>
        <message>
            <source>You</source>
            <translation>你</translation>
        </message>
        <message>
            <source>%1, %2: %3</source>
            <translation>%1，%2：%3</translation>
        </message>
    </context>
    <context>
        <name>landline::app::MessageView</name>
        <message>
            <source>Messages</source>
            <translation>消息</translation>
        </message>
        <message>
            <source>This message was deleted</source>
            <translation>此消息已删除</translation>
        </message>
        <message>
            <source>Reply</source>
            <translation>回复</translation>
        </message>
        <message>
            <source>Copy text</source>
            <translation>复制文字</translation>
        </message>
        <message>
            <source>Edit</source>
            <translation>编辑</translation>
        </message>
        <message>
            <source>Delete for everyone</source>
            <translation>为所有人删除</translation>
        </message>
        <message>
            <source>Download to…</source>
            <translation>下载到…</translation>
        </message>
        <message>
            <source>Cancel the transfer</source>
            <translation>取消传送</translation>
        </message>
        <message>
            <source>Show in folder</source>
            <translation>打开所在文件夹</translation>
        </message>
    </context>
    <context>
        <name>landline::app::NoticeDialog</name>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ProblemPage</name>
        <message>
            <source>Landline could not open your profile</source>
            <translation>Landline 无法打开你的配置</translation>
        </message>
        <message>
            <source>Passphrase</source>
            <translation>密码短语</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>退出</translation>
        </message>
    </context>
    <context>
        <name>landline::app::Runtime</name>
        <message>
            <source>The history on this device was damaged. It was set aside as %1, and a new one was begun. What others hold comes back from them.</source>
            <translation>本机的聊天记录已损坏。损坏的文件已移为 %1，并新建了一份。其他人保存的内容会重新同步回来。</translation>
        </message>
    </context>
    <context>
        <name>landline::app::SettingsDialog</name>
        <message>
            <source>Settings</source>
            <translation>设置</translation>
        </message>
        <message>
            <source>As the system</source>
            <translation>跟随系统</translation>
        </message>
        <message>
            <source>Language</source>
            <translation>语言</translation>
        </message>
        <message>
            <source>The language changes at the next start.</source>
            <translation>语言将在下次启动时更改。</translation>
        </message>
        <message>
            <source>Light</source>
            <translation>浅色</translation>
        </message>
        <message>
            <source>Dark</source>
            <translation>深色</translation>
        </message>
        <message>
            <source>Appearance</source>
            <translation>外观</translation>
        </message>
        <message>
            <source>Notify me of new messages</source>
            <translation>有新消息时通知我</translation>
        </message>
        <message>
            <source>Show the text in notifications</source>
            <translation>在通知中显示消息内容</translation>
        </message>
        <message>
            <source>Keep running in the tray when the window is closed</source>
            <translation>关闭窗口后在托盘中继续运行</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>landline::app::Sidebar</name>
        <message>
            <source>My name and presence</source>
            <translation>我的名字和状态</translation>
        </message>
        <message>
            <source>Menu</source>
            <translation>菜单</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>搜索</translation>
        </message>
        <message>
            <source>Search people and messages</source>
            <translation>搜索联系人和消息</translation>
        </message>
        <message>
            <source>People</source>
            <translation>联系人</translation>
        </message>
        <message>
            <source>Online</source>
            <translation>在线</translation>
        </message>
        <message>
            <source>Away</source>
            <translation>离开</translation>
        </message>
        <message>
            <source>Busy</source>
            <translation>忙碌</translation>
        </message>
        <message>
            <source>Invisible</source>
            <translation>隐身</translation>
        </message>
        <message>
            <source>Status text…</source>
            <translation>状态文字…</translation>
        </message>
        <message>
            <source>Change name…</source>
            <translation>更改名字…</translation>
        </message>
        <message>
            <source>Show ignored and blocked people</source>
            <translation>显示已忽略和已屏蔽的人</translation>
        </message>
        <message>
            <source>Why can't I see somebody?</source>
            <translation>为什么看不到某个人？</translation>
        </message>
        <message>
            <source>Settings…</source>
            <translation>设置…</translation>
        </message>
        <message>
            <source>About Landline</source>
            <translation>关于 Landline</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>退出</translation>
        </message>
        <message>
            <source>Nobody here yet.

People who run Landline on this network appear by themselves within a few seconds.</source>
            <translation>这里还没有人。

同一网络中运行 Landline 的人会在几秒钟内自动出现。</translation>
        </message>
        <message>
            <source>Nothing found.</source>
            <translation>没有找到。</translation>
        </message>
        <message>
            <source>Status text</source>
            <translation>状态文字</translation>
        </message>
        <message>
            <source>A few words that others see beside your name.</source>
            <translation>显示在你名字旁边的几个字。</translation>
        </message>
        <message>
            <source>Change name</source>
            <translation>更改名字</translation>
        </message>
        <message>
            <source>The name by which others see you.</source>
            <translation>其他人看到的你的名字。</translation>
        </message>
    </context>
    <context>
        <name>landline::app::SidebarDelegate</name>
        <message>
            <source>typing…</source>
            <translation>正在输入…</translation>
        </message>
        <message>
            <source>Somebody nearby</source>
            <translation>附近的人</translation>
        </message>
        <message>
            <source>Seen nearby, connecting…</source>
            <translation>就在附近，正在连接…</translation>
        </message>
        <message>
            <source>You: %1</source>
            <translation>你：%1</translation>
        </message>
    </context>
    <context>
        <name>landline::app::SidebarModel</name>
        <message>
            <source>Requests</source>
            <translation>聊天请求</translation>
        </message>
        <message>
            <source>People</source>
            <translation>联系人</translation>
        </message>
        <message>
            <source>Nearby</source>
            <translation>附近</translation>
        </message>
        <message>
            <source>Ignored and blocked</source>
            <translation>已忽略和已屏蔽</translation>
        </message>
        <message>
            <source>Messages</source>
            <translation>消息</translation>
        </message>
        <message>
            <source>online</source>
            <translation>在线</translation>
        </message>
        <message>
            <source>offline</source>
            <translation>离线</translation>
        </message>
        <message numerus="yes">
            <source>%n unread</source>
            <translation>
                <numerusform>%n 条未读</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::TextDialog</name>
        <message>
            <source>Save</source>
            <translation>保存</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
    </context>
    <context>
        <name>landline::app::Tray</name>
        <message>
            <source>Open Landline</source>
            <translation>打开 Landline</translation>
        </message>
        <message>
            <source>Quit</source>
            <translation>退出</translation>
        </message>
        <message numerus="yes">
            <source>Landline: %n unread</source>
            <translation>
                <numerusform>Landline：%n 条未读</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::VerifyDialog</name>
        <message>
            <source>Safety number with %1</source>
            <translation>与 %1 的安全码</translation>
        </message>
        <message>
            <source>Compare these digits with %1, side by side or by telephone. If they are the same on both screens, nobody stands between you.</source>
            <translation>请当面或通过电话与 %1 核对这些数字。如果双方屏幕上的数字相同，就说明中间没有第三者。</translation>
        </message>
        <message>
            <source>Safety number</source>
            <translation>安全码</translation>
        </message>
        <message>
            <source>The safety number as a QR code</source>
            <translation>安全码的二维码</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>✓ You have marked this person as verified.</source>
            <translation>✓ 你已将此人标记为已核对。</translation>
        </message>
        <message>
            <source>Not verified yet.</source>
            <translation>尚未核对。</translation>
        </message>
        <message>
            <source>Take the mark back</source>
            <translation>取消标记</translation>
        </message>
        <message>
            <source>The digits are the same</source>
            <translation>数字相同</translation>
        </message>
    </context>
</TS>
