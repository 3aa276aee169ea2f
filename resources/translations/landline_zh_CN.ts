<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
    <context>
        <name>Transfers</name>
        <message>
            <source>Some of what was offered had changed or was gone at the sender (%1); the rest is in %2. “resume” fetches what is missing once the sender has it as it was.</source>
            <translation>发送的内容中，有 %1 项在发送方已改动或不存在；其余已保存到 %2。待发送方恢复原样后，用“resume”接收缺少的部分。</translation>
        </message>
    </context>
    <context>
        <name>BundleText</name>
        <message>
            <source>gone at the sender</source>
            <translation>在发送方已不存在</translation>
        </message>
        <message>
            <source>changed at the sender</source>
            <translation>在发送方有改动</translation>
        </message>
        <message>
            <source>could not be read at the sender</source>
            <translation>发送方无法读取</translation>
        </message>
        <message>
            <source>did not come</source>
            <translation>未收到</translation>
        </message>
        <message numerus="yes">
            <source>%n files</source>
            <translation>
                <numerusform>%n 个文件</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 in %n folders</source>
            <extracomment>%1: "3 files"</extracomment>
            <translation>
                <numerusform>%1，%n 个文件夹</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>ErrorText</name>
        <message>
            <source>The record of what is offered was lost before it was sent. Send it again.</source>
            <translation>发送内容的记录在发送前已丢失。请重新发送。</translation>
        </message>
        <message>
            <source>The record of what was offered is damaged. Send it again.</source>
            <translation>发送内容的记录已损坏。请重新发送。</translation>
        </message>
        <message>
            <source>The list of the offered files does not fit the offer. Ask for them to be sent again.</source>
            <translation>文件清单与发送的内容不符。请让对方重新发送。</translation>
        </message>
        <message>
            <source>The sender no longer has this file as it was offered.</source>
            <translation>发送方的文件已不是发送时的样子。</translation>
        </message>
        <message>
            <source>The sender has withdrawn this file.</source>
            <translation>发送方已撤回此文件。</translation>
        </message>
        <message>
            <source>The connection ended before the whole file was there. It goes on when the other side asks again.</source>
            <translation>文件尚未传完，连接已断开。对方再次请求时会继续传输。</translation>
        </message>
        <message>
            <source>The file has another size than when it was offered. Offer it again.</source>
            <translation>文件大小与发送时不同。请重新发送。</translation>
        </message>
        <message>
            <source>The other side cancelled the transfer.</source>
            <translation>对方取消了传输。</translation>
        </message>
        <message>
            <source>The program of the other side is too old for folders and several files at once. Send the files one by one, or ask them to update it.</source>
            <translation>对方的程序版本太旧，不支持一次发送文件夹或多个文件。请逐个发送文件，或请对方更新程序。</translation>
        </message>
        <message>
            <source>What is here of the file is not part of it. Fetch it anew.</source>
            <translation>本机已有的内容不属于该文件。请重新接收。</translation>
        </message>
        <message>
            <source>A limit of less than 16 KiB a second would stop transfers. Give more, or 0 for none.</source>
            <translation>每秒低于 16 KiB 的限制会使传输停滞。请设得更高，或用 0 表示不限。</translation>
        </message>
        <message>
            <source>Files are taken unasked only from people whom you have accepted. Accept this person first.</source>
            <translation>只有你已接受的人发来的文件才能自动接收。请先接受此人。</translation>
        </message>
        <message>
            <source>From 1 to 100 files can be fetched at the same time.</source>
            <translation>可以同时接收 1 到 100 个文件。</translation>
        </message>
        <message>
            <source>Only what is to be fetched has a place in the order. “transfers” lists it.</source>
            <translation>只有要接收的文件才有先后顺序。请用“transfers”列出。</translation>
        </message>
        <message>
            <source>The folder cannot be made. Choose another folder.</source>
            <translation>无法创建该文件夹。请选择其他文件夹。</translation>
        </message>
        <message>
            <source>There is no folder, or the quota is too large.</source>
            <translation>没有指定文件夹，或限额过大。</translation>
        </message>
        <message>
            <source>A copy of this profile is in use elsewhere. This one goes on as a new device of yours: send it again in a moment.</source>
            <translation>此配置的一份副本正在别处使用。本机将作为你的一台新设备继续运行：请稍后重新发送。</translation>
        </message>
        <message>
            <source>Files come only from people whom you have accepted. Accept this person first.</source>
            <translation>只能接收你已接受的人发来的文件。请先接受此人。</translation>
        </message>
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
        <message>
            <source>The other side no longer offers this file.</source>
            <translation>对方已不再提供此文件。</translation>
        </message>
        <message>
            <source>The file has changed since it was offered. Ask for it to be sent again.</source>
            <translation>文件在发送后有改动。请让对方重新发送。</translation>
        </message>
        <message>
            <source>Some of what was offered had changed or was gone here when it was asked for, and was left out; the rest has arrived. Send it again, or put it back as it was and let the receiver resume.</source>
            <translation>发送的内容中，有些在对方接收时已改动或不在本机，因此没有发送；其余已送达。请重新发送，或恢复原样后请对方继续接收。</translation>
        </message>
        <message>
            <source>The other side cannot read the file. Ask for it to be sent again.</source>
            <translation>对方无法读取该文件。请让对方重新发送。</translation>
        </message>
        <message>
            <source>The other side does not give this file to this device.</source>
            <translation>对方不允许本设备接收此文件。</translation>
        </message>
        <message>
            <source>The other side does not give files to you.</source>
            <translation>对方不向你发送文件。</translation>
        </message>
        <message>
            <source>The other side refused to send the file.</source>
            <translation>对方拒绝发送该文件。</translation>
        </message>
        <message>
            <source>The offer of this file is not here any more. Ask for it to be sent again.</source>
            <translation>此文件的提供信息已不在本机。请让对方重新发送。</translation>
        </message>
        <message>
            <source>The record of what was offered is gone or damaged. Send it again.</source>
            <translation>所发送内容的记录丢失或损坏。请重新发送。</translation>
        </message>
        <message>
            <source>There is nothing to send.</source>
            <translation>没有可发送的内容。</translation>
        </message>
        <message>
            <source>This file was withdrawn. Send it again.</source>
            <translation>此文件已撤回。请重新发送。</translation>
        </message>
        <message>
            <source>This is no relay's URL: it does not begin with landline://. It has the form landline://HOST:PORT/KEY; copy the whole of it.</source>
            <translation>这不是中继地址：它不以 landline:// 开头。中继地址形如 landline://HOST:PORT/KEY，请完整复制。</translation>
        </message>
        <message>
            <source>This is no relay's URL: it names no host and port. It has the form landline://HOST:PORT/KEY; copy the whole of it.</source>
            <translation>这不是中继地址：缺少主机和端口。中继地址形如 landline://HOST:PORT/KEY，请完整复制。</translation>
        </message>
        <message>
            <source>This is no relay's URL: its key is missing or not whole. It has the form landline://HOST:PORT/KEY; copy the whole of it.</source>
            <translation>这不是中继地址：密钥缺失或不完整。中继地址形如 landline://HOST:PORT/KEY，请完整复制。</translation>
        </message>
        <message>
            <source>This is no relay's URL: its invite is not whole. It has the form landline://HOST:PORT/KEY; copy the whole of it.</source>
            <translation>这不是中继地址：邀请码不完整。中继地址形如 landline://HOST:PORT/KEY，请完整复制。</translation>
        </message>
        <message>
            <source>This is too long for a relay's URL.</source>
            <translation>太长了，这不是中继地址。</translation>
        </message>
        <message>
            <source>This is a link to a person, and no relay's URL. Add it as a contact.</source>
            <translation>这是某个人的链接，不是中继地址。请把它作为联系人添加。</translation>
        </message>
        <message>
            <source>This is no contact link, or a part of it is missing. Copy the whole of it: it begins with landline://contact/.</source>
            <translation>这不是联系人链接，或者缺了一部分。请完整复制：它以 landline://contact/ 开头。</translation>
        </message>
        <message>
            <source>This is too long for a contact link.</source>
            <translation>太长了，这不是联系人链接。</translation>
        </message>
        <message>
            <source>This is your own link: give it to somebody who is to add you.</source>
            <translation>这是你自己的链接：请把它发给要添加你的人。</translation>
        </message>
        <message>
            <source>You have blocked this person. Unblock them first, then add the link again.</source>
            <translation>你已屏蔽此人。请先取消屏蔽，再添加此链接。</translation>
        </message>
        <message>
            <source>You use 4 relays already, and contacts are told no more. Remove one first.</source>
            <translation>你已使用 4 个中继，不能告知联系人更多。请先移除一个。</translation>
        </message>
        <message>
            <source>You use no relay, so there is nothing in your link to take back: it only says who you are and where this device is.</source>
            <translation>你没有使用中继，因此链接中没有可以收回的内容：它只说明你是谁，以及此设备在哪里。</translation>
        </message>
        <message>
            <source>The relay is not connected at the moment. Try again once it is.</source>
            <translation>目前未连接到此中继。请在连接后重试。</translation>
        </message>
        <message>
            <source>The connection to the relay ended before it had told its directory. Try again in a moment.</source>
            <translation>名录尚未传完，与中继的连接就断开了。请稍后重试。</translation>
        </message>
        <message>
            <source>The relay was asked for too much in a short time. Wait a minute, then try again.</source>
            <translation>短时间内向中继请求过多。请等一分钟再试。</translation>
        </message>
        <message>
            <source>The relay has too much to do at the moment. Wait a minute, then try again.</source>
            <translation>中继目前太忙。请等一分钟再试。</translation>
        </message>
        <message>
            <source>The relay cannot read its directory at the moment. If that lasts, tell its operator.</source>
            <translation>中继目前无法读取名录。如果一直如此，请告知其管理员。</translation>
        </message>
        <message>
            <source>The relay answered with something else than its directory. If that happens again, tell its operator.</source>
            <translation>中继返回的不是名录。如果再次发生，请告知其管理员。</translation>
        </message>
        <message>
            <source>This relay has no directory of people: its operator has not switched one on.</source>
            <translation>此中继没有用户名录：管理员没有启用。</translation>
        </message>
        <message>
            <source>This relay is not in use here.</source>
            <translation>你没有使用此中继。</translation>
        </message>
    </context>
    <context>
        <name>FileLayout</name>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>以及另外 %n 项</numerusform>
            </translation>
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
            <source>Not sent: a copy of this profile was in use. Send it again</source>
            <translation>未发送：此配置的一份副本曾在别处使用。请重新发送</translation>
        </message>
        <message>
            <source>Somebody without a name</source>
            <translation>未命名的人</translation>
        </message>
        <message>
            <source>online via relay</source>
            <translation>在线（经中继）</translation>
        </message>
        <message>
            <source>Held at a relay until %1 for the other side to fetch</source>
            <translation>暂存于中继至 %1，等待对方取走</translation>
        </message>
    </context>
    <context>
        <name>OpenFile</name>
        <message>
            <source>Open a program?</source>
            <translation>打开程序？</translation>
        </message>
        <message>
            <source>%1 may be a program. Whoever wrote it can then do what you can do on this computer. Open it only if you expected it and trust whom it is from.</source>
            <translation>%1 可能是程序。打开后，它的作者便能在这台电脑上做你能做的任何事。只有在你预期收到它并信任其来源时才打开。</translation>
        </message>
        <message>
            <source>Open it</source>
            <translation>打开</translation>
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
        <message>
            <source>%1 could not be written: the disk is full. Free some space and try again.</source>
            <translation>无法写入 %1：磁盘已满。请腾出空间后重试。</translation>
        </message>
        <message>
            <source>%1 could not be written: the disk is full. Free some space; what was being fetched then goes on by itself.</source>
            <translation>无法写入 %1：磁盘已满。请腾出一些空间，之后接收会自动继续。</translation>
        </message>
        <message>
            <source>%1 could not be written (%2). Check the folder's permissions and that its disk is not mounted read-only.</source>
            <translation>无法写入 %1（%2）。请检查文件夹权限，并确认磁盘不是以只读方式挂载。</translation>
        </message>
        <message>
            <source>The profile's key file landline.keys is damaged (%1). Nothing was changed. Put a backup of it in its place, or begin a new profile in another folder.</source>
            <translation>配置的密钥文件 landline.keys 已损坏（%1）。没有做任何更改。请用备份替换它，或在另一个文件夹中新建配置。</translation>
        </message>
        <message>
            <source>There is not enough memory to check the passphrase (%1 MiB are needed). Close other programs and try again.</source>
            <translation>内存不足，无法验证密码短语（需要 %1 MiB）。请关闭其他程序后重试。</translation>
        </message>
        <message>
            <source>This profile is sealed: give its passphrase.</source>
            <translation>此配置已加密：请输入密码短语。</translation>
        </message>
        <message>
            <source>The passphrase is wrong, or the profile's key file landline.keys is damaged.</source>
            <translation>密码短语错误，或者密钥文件 landline.keys 已损坏。</translation>
        </message>
        <message>
            <source>The profile's key file landline.keys was written by a newer version of Landline. Install the newer version.</source>
            <translation>密钥文件 landline.keys 由更新版本的 Landline 写入。请安装新版本。</translation>
        </message>
        <message>
            <source>Landline is already running on the profile %1 (%2). Close it first, or use another profile.</source>
            <translation>Landline 已在使用配置 %1（%2）。请先关闭它，或使用另一个配置。</translation>
        </message>
        <message>
            <source>The profile folder %1 cannot be written. Check its permissions and that its disk is not mounted read-only.</source>
            <translation>无法写入配置文件夹 %1。请检查其权限，并确认磁盘不是以只读方式挂载。</translation>
        </message>
        <message>
            <source>The disk that holds the profile folder %1 is full. Free some space and try again.</source>
            <translation>配置文件夹 %1 所在的磁盘已满。请腾出空间后重试。</translation>
        </message>
        <message>
            <source>Another program is using the database %1. Close it and try again.</source>
            <translation>另一个程序正在使用数据库 %1。请关闭它后重试。</translation>
        </message>
        <message>
            <source>The database %1 is damaged. It is set aside and a new one begun; what peers still hold comes back from them.</source>
            <translation>数据库 %1 已损坏。已将其移开并新建了一份；对方保存的内容会重新同步回来。</translation>
        </message>
        <message>
            <source>Reading or writing the database %1 failed. Check the disk.</source>
            <translation>读写数据库 %1 失败。请检查磁盘。</translation>
        </message>
        <message>
            <source>The database %1 could not be used.</source>
            <translation>无法使用数据库 %1。</translation>
        </message>
        <message>
            <source>%1 could not be read or written (%2).</source>
            <translation>无法读写 %1（%2）。</translation>
        </message>
        <message>
            <source>%1 has changed since it was offered.</source>
            <translation>%1 在发送后有改动。</translation>
        </message>
        <message>
            <source>%1 was changed while it came. Fetch it again: what is there still is not sent twice.</source>
            <translation>%1 在接收过程中被改动。请重新接收：已有的部分不会重复发送。</translation>
        </message>
        <message>
            <source>There is no file %1.</source>
            <translation>没有文件 %1。</translation>
        </message>
        <message>
            <source>%1 is not a regular file.</source>
            <translation>%1 不是普通文件。</translation>
        </message>
        <message>
            <source>The folder %1 cannot be made. Choose another folder.</source>
            <translation>无法新建文件夹 %1。请选择其他文件夹。</translation>
        </message>
        <message>
            <source>There is not enough free space for the file in %1. Free some space and try again.</source>
            <translation>%1 没有足够的空间保存该文件。请腾出空间后重试。</translation>
        </message>
    </context>
    <context>
        <name>TransferText</name>
        <message>
            <source>Running</source>
            <translation>进行中</translation>
        </message>
        <message>
            <source>Waiting</source>
            <translation>等待中</translation>
        </message>
        <message>
            <source>History</source>
            <translation>历史记录</translation>
        </message>
        <message>
            <source>Connecting…</source>
            <translation>正在连接…</translation>
        </message>
        <message>
            <source>Waiting for %1 to come online</source>
            <translation>等待 %1 上线</translation>
        </message>
        <message>
            <source>Waiting for %1 to accept</source>
            <translation>等待 %1 接受</translation>
        </message>
        <message>
            <source>Comparing what is here already…</source>
            <translation>正在核对已有的部分…</translation>
        </message>
        <message>
            <source>Paused by %1</source>
            <translation>%1 已暂停</translation>
        </message>
        <message>
            <source>Failed</source>
            <translation>失败</translation>
        </message>
        <message>
            <source>%1 of %2 did not come</source>
            <translation>%2 项中有 %1 项未收到</translation>
        </message>
        <message>
            <source>%1 s</source>
            <translation>%1 秒</translation>
        </message>
        <message>
            <source>%1 min</source>
            <translation>%1 分钟</translation>
        </message>
        <message>
            <source>more than a day</source>
            <translation>一天以上</translation>
        </message>
        <message>
            <source>%1 h %2 min</source>
            <translation>%1 小时 %2 分钟</translation>
        </message>
        <message numerus="yes">
            <source>%n items</source>
            <translation>
                <numerusform>%n 项</numerusform>
            </translation>
        </message>
        <message>
            <source>%1 of %2</source>
            <translation>%1 / %2</translation>
        </message>
        <message>
            <source>%1/s</source>
            <translation>%1/秒</translation>
        </message>
        <message>
            <source>%1 left</source>
            <translation>剩余 %1</translation>
        </message>
        <message>
            <source>Waiting for its turn</source>
            <translation>排队中</translation>
        </message>
        <message>
            <source>Paused</source>
            <translation>已暂停</translation>
        </message>
        <message>
            <source>Cancelled</source>
            <translation>已取消</translation>
        </message>
        <message>
            <source>Withdrawn</source>
            <translation>已撤回</translation>
        </message>
        <message>
            <source>It had changed or was gone at the sender. The rest is here; Retry fetches what is missing once the sender has it as it was.</source>
            <translation>这些内容在发送方有改动或已不存在。其余已收到；发送方恢复原样后，点“重试”即可补齐。</translation>
        </message>
        <message>
            <source>Accept</source>
            <translation>接受</translation>
        </message>
        <message>
            <source>Accept into…</source>
            <translation>接受到…</translation>
        </message>
        <message>
            <source>Decline</source>
            <translation>拒绝</translation>
        </message>
        <message>
            <source>Pause</source>
            <translation>暂停</translation>
        </message>
        <message>
            <source>Resume</source>
            <translation>继续</translation>
        </message>
        <message>
            <source>Retry</source>
            <translation>重试</translation>
        </message>
        <message>
            <source>Earlier</source>
            <translation>提前</translation>
        </message>
        <message>
            <source>Later</source>
            <translation>推后</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Withdraw</source>
            <translation>撤回</translation>
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
            <source>Show what is in it</source>
            <translation>查看内容</translation>
        </message>
        <message>
            <source>Remove from the list</source>
            <translation>从列表中移除</translation>
        </message>
        <message>
            <source>Waiting for a direct connection with %1</source>
            <translation>等待与 %1 直接连接</translation>
        </message>
    </context>
    <context>
        <name>doctor</name>
        <message numerus="yes">
            <source>%n device(s) heard since the start.</source>
            <translation>
                <numerusform>启动以来发现了 %n 台设备。</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::AlwaysAcceptDialog</name>
        <message>
            <source>No limit</source>
            <translation>不限</translation>
        </message>
        <message>
            <source>%1 a day</source>
            <translation>每天 %1</translation>
        </message>
        <message>
            <source>Files from %1</source>
            <translation>来自 %1 的文件</translation>
        </message>
        <message>
            <source>Nothing is opened by itself. Beyond the limit, and where the disk is nearly full, you are asked as usual.</source>
            <translation>文件不会自动打开。超出限额或磁盘快满时，仍会照常询问你。</translation>
        </message>
        <message>
            <source>Accept without asking</source>
            <translation>自动接收</translation>
        </message>
        <message>
            <source>Into the folder</source>
            <translation>存入文件夹</translation>
        </message>
        <message>
            <source>At most</source>
            <translation>限额</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Save</source>
            <translation>保存</translation>
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
        <name>landline::app::BundleDialog</name>
        <message>
            <source>What did not come</source>
            <translation>未收到的内容</translation>
        </message>
        <message>
            <source>What is in it</source>
            <translation>内容</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>What is in it is not known here yet: the list comes with the first bytes.</source>
            <translation>内容尚不清楚：开始传输时才会收到列表。</translation>
        </message>
        <message>
            <source>%1 of %2 did not come</source>
            <translation>%2 项中有 %1 项未收到</translation>
        </message>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>以及另外 %n 项</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::Composer</name>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
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
        <message>
            <source>Send files or a folder</source>
            <translation>发送文件或文件夹</translation>
        </message>
        <message>
            <source>Files…</source>
            <translation>文件…</translation>
        </message>
        <message>
            <source>A folder…</source>
            <translation>文件夹…</translation>
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
        <message>
            <source>The picture could not be written into a file at %1. Check that the disk has space left.</source>
            <translation>图片无法写入 %1 中的文件。请检查磁盘是否还有剩余空间。</translation>
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
        <message>
            <source>Search in this conversation</source>
            <translation>在此会话中搜索</translation>
        </message>
        <message>
            <source>Search in this conversation (Ctrl+F)</source>
            <translation>在此会话中搜索（Ctrl+F）</translation>
        </message>
        <message>
            <source>Accept files without asking…</source>
            <translation>自动接收文件…</translation>
        </message>
        <message>
            <source>Messages go through a relay. Files need a direct connection</source>
            <translation>消息经中继传送，文件需要直接连接</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ConversationPane</name>
        <message>
            <source>No messages here yet</source>
            <translation>还没有消息</translation>
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
            <source>Send a folder</source>
            <translation>发送文件夹</translation>
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
        <message>
            <source>Add somebody by a link</source>
            <translation>通过链接添加联系人</translation>
        </message>
        <message>
            <source>For people whom this network does not reach. They find their link behind their own name at the top left, or by “landline-cli contact link”.</source>
            <translation>用于添加此网络无法到达的人。对方点击左上角自己的名字可以找到链接，也可以用“landline-cli contact link”获得。</translation>
        </message>
        <message>
            <source>Open</source>
            <translation>打开</translation>
        </message>
        <message>
            <source>The relay %1 does not let this device in.</source>
            <translation>中继 %1 不允许此设备接入。</translation>
        </message>
        <message>
            <source>This person had come by your contact link, which leads to your relays no more. “My contact link…” shows the new one.</source>
            <translation>此人是通过你的联系人链接找到你的，该链接已不再通向你的中继。新链接见“我的联系人链接…”。</translation>
        </message>
    </context>
    <context>
        <name>landline::app::DoctorDialog</name>
        <message>
            <source>Why can't I see somebody?</source>
            <translation>为什么看不到某个人？</translation>
        </message>
        <message>
            <source>Check again</source>
            <translation>重新检查</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
    </context>
    <context>
        <name>landline::app::DoctorReport</name>
        <message>
            <source>Looking at the network. This takes a few seconds…</source>
            <translation>正在检查网络，需要几秒钟…</translation>
        </message>
        <message>
            <source>The program could not look: %1</source>
            <translation>无法检查：%1</translation>
        </message>
        <message>
            <source>Everything that can be checked from here is well.</source>
            <translation>从这里能检查的一切都正常。</translation>
        </message>
        <message>
            <source>Something stands in the way:</source>
            <translation>发现以下问题：</translation>
        </message>
    </context>
    <context>
        <name>landline::app::DropOverlay</name>
        <message>
            <source>Drop files here to send them</source>
            <translation>拖放到此处即可发送文件</translation>
        </message>
        <message>
            <source>to %1</source>
            <translation>发送给 %1</translation>
        </message>
    </context>
    <context>
        <name>landline::app::FileSettings</name>
        <message>
            <source>Download folder</source>
            <translation>下载文件夹</translation>
        </message>
        <message>
            <source>Receive at most</source>
            <translation>接收限速</translation>
        </message>
        <message>
            <source>Send at most</source>
            <translation>发送限速</translation>
        </message>
        <message>
            <source>Fetch at once</source>
            <translation>同时接收</translation>
        </message>
        <message>
            <source>No limit</source>
            <translation>不限</translation>
        </message>
        <message>
            <source>%1/s</source>
            <translation>%1/秒</translation>
        </message>
        <message numerus="yes">
            <source>%n files</source>
            <translation>
                <numerusform>%n 个文件</numerusform>
            </translation>
        </message>
        <message>
            <source>Accepted without asking</source>
            <translation>自动接收</translation>
        </message>
        <message>
            <source>Somebody unknown</source>
            <translation>未知的人</translation>
        </message>
        <message>
            <source>Change…</source>
            <translation>更改…</translation>
        </message>
        <message>
            <source>Change: %1</source>
            <translation>更改：%1</translation>
        </message>
        <message>
            <source>Nobody's files. To change that, open a conversation and choose “Accept files without asking…” in its menu.</source>
            <translation>目前没有。如需设置，请打开一个对话，在其菜单中选择“自动接收文件…”。</translation>
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
        <name>landline::app::FolderField</name>
        <message>
            <source>Change…</source>
            <translation>更改…</translation>
        </message>
        <message>
            <source>Change: %1</source>
            <translation>更改：%1</translation>
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
        <message>
            <source>the other side</source>
            <translation>对方</translation>
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
            <source>Copy selected text</source>
            <translation>复制所选文字</translation>
        </message>
    </context>
    <context>
        <name>landline::app::Messenger</name>
        <message>
            <source>Paused: the folder %1 for files of this person is not there. Resume it to fetch it all the same.</source>
            <translation>已暂停：用于存放此人文件的文件夹 %1 不存在。如仍要接收，请点“继续”。</translation>
        </message>
        <message>
            <source>Not fetched by itself: of the %1 a day that are taken from this person unasked, %2 are left. Accept it to fetch it all the same.</source>
            <translation>未自动接收：此人每天的自动接收限额为 %1，还剩 %2。如仍要接收，请手动接受。</translation>
        </message>
        <message>
            <source>Not fetched by itself: the folder %1 for files of this person is not there. Choose another, or accept it into one.</source>
            <translation>未自动接收：存放此人文件的文件夹 %1 不存在。请另选文件夹，或手动接受到某个文件夹。</translation>
        </message>
        <message>
            <source>Not fetched by itself: there is not enough free space in %1. Free some space, then accept it.</source>
            <translation>未自动接收：%1 的可用空间不足。请腾出空间后再接受。</translation>
        </message>
        <message>
            <source>Paused: the %1 a day that are taken from this person unasked have come. Resume it to fetch it all the same.</source>
            <translation>已暂停：此人今天的自动接收限额 %1 已用完。如仍要接收，请继续传输。</translation>
        </message>
        <message>
            <source>The messages cannot be read from the disk.</source>
            <translation>无法从磁盘读取这些消息。</translation>
        </message>
        <message>
            <source>Another program wrote with this device's key, as a copied or restored profile does. This one goes on as a new device of yours; nobody has to verify you again.</source>
            <translation>有另一个程序使用本设备的密钥写入了数据（例如复制或恢复的配置）。本程序将作为你的一台新设备继续运行；其他人无需重新核对你的身份。</translation>
        </message>
        <message>
            <source>The disk of this device takes nothing at the moment. The relay is tried again by itself.</source>
            <translation>此设备的磁盘目前无法写入。稍后会自动重试连接中继。</translation>
        </message>
        <message>
            <source>At %1, where the relay %2 should be, another key answers. Either the relay was set up anew, or somebody stands in its place. It was told nothing. Ask the relay's operator; if the relay has a new key, remove it here and add it by its new URL.</source>
            <translation>在 %1 应答的密钥不是中继 %2 的密钥。可能是中继重新设置过，也可能有人冒充。没有向对方透露任何信息。请询问管理员；如果中继确实换了密钥，请在这里移除它，再用新地址添加。</translation>
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
        <name>landline::app::PictureDialog</name>
        <message>
            <source>Send this picture?</source>
            <translation>发送这张图片？</translation>
        </message>
        <message>
            <source>%1 × %2 pixels, to %3</source>
            <translation>%1 × %2 像素，发送给 %3</translation>
        </message>
        <message>
            <source>The picture</source>
            <translation>图片</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>发送</translation>
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
        <name>landline::app::Scan</name>
        <message>
            <source>“%1” does not exist or cannot be read.</source>
            <translation>“%1”不存在或无法读取。</translation>
        </message>
        <message>
            <source>“%1” is no file and no folder. Links are not followed: choose what it points to.</source>
            <translation>“%1”既不是文件也不是文件夹。不会跟随链接：请选择它所指向的对象。</translation>
        </message>
        <message>
            <source>“%1” has no name. Choose what is in it.</source>
            <translation>“%1”没有名称。请选择其中的内容。</translation>
        </message>
        <message>
            <source>These are too many files for one transfer (the limit is %1 files and folders, %2 deep). Send them in parts, or packed into one file.</source>
            <translation>一次传输的文件太多（上限为 %1 个文件和文件夹、%2 层）。请分批发送，或打包成一个文件再发送。</translation>
        </message>
        <message>
            <source>“%1” cannot be read.</source>
            <translation>无法读取“%1”。</translation>
        </message>
        <message>
            <source>The path of “%1” is too long to be sent.</source>
            <translation>“%1”的路径太长，无法发送。</translation>
        </message>
        <message>
            <source>The folder “%1” cannot be read.</source>
            <translation>无法读取文件夹“%1”。</translation>
        </message>
        <message>
            <source>A file in “%1” has a name that is no valid text, and cannot be sent. Rename it.</source>
            <translation>“%1”中有一个文件的名称不是有效文本，无法发送。请将其重命名。</translation>
        </message>
    </context>
    <context>
        <name>landline::app::SendFilesDialog</name>
        <message>
            <source>Send this?</source>
            <translation>发送此项？</translation>
        </message>
        <message>
            <source>to %1</source>
            <translation>发送给 %1</translation>
        </message>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>以及另外 %n 项</numerusform>
            </translation>
        </message>
        <message>
            <source>Counting…</source>
            <translation>正在统计…</translation>
        </message>
        <message>
            <source>As one transfer</source>
            <translation>合并为一次传输</translation>
        </message>
        <message>
            <source>Otherwise each comes as a message of its own, and pictures are shown</source>
            <translation>否则每个文件单独成为一条消息，图片会直接显示</translation>
        </message>
        <message>
            <source>Cancel</source>
            <translation>取消</translation>
        </message>
        <message>
            <source>Send</source>
            <translation>发送</translation>
        </message>
        <message numerus="yes">
            <source>Send %n items?</source>
            <translation>
                <numerusform>发送这 %n 项？</numerusform>
            </translation>
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
        <message>
            <source>General</source>
            <translation>通用</translation>
        </message>
        <message>
            <source>Files</source>
            <translation>文件</translation>
        </message>
        <message>
            <source>Relays</source>
            <translation>中继</translation>
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
        <message>
            <source>Search everywhere</source>
            <translation>搜索全部会话</translation>
        </message>
        <message>
            <source>In the conversation with %1</source>
            <translation>仅限与 %1 的会话</translation>
        </message>
        <message>
            <source>Transfers</source>
            <translation>传输</translation>
        </message>
        <message>
            <source>My contact link…</source>
            <translation>我的联系人链接…</translation>
        </message>
        <message>
            <source>Add somebody by a link…</source>
            <translation>通过链接添加联系人…</translation>
        </message>
    </context>
    <context>
        <name>landline::app::SidebarDelegate</name>
        <message>
            <source>Draft:</source>
            <translation>草稿：</translation>
        </message>
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
        <name>landline::app::TransferCommands</name>
        <message>
            <source>Accept into</source>
            <translation>接受到</translation>
        </message>
        <message>
            <source>“%1” is fetched no further. You can accept it again later.</source>
            <translation>“%1”将停止接收。之后可以重新接受。</translation>
        </message>
        <message>
            <source>Nobody can fetch “%1” from you any more. To offer it again, send it again.</source>
            <translation>其他人将无法再从你这里接收“%1”。如需再次提供，请重新发送。</translation>
        </message>
        <message>
            <source>Cancel this transfer?</source>
            <translation>取消此传输？</translation>
        </message>
        <message>
            <source>Withdraw this offer?</source>
            <translation>撤回此文件？</translation>
        </message>
        <message>
            <source>Cancel the transfer</source>
            <translation>取消传输</translation>
        </message>
        <message>
            <source>Withdraw</source>
            <translation>撤回</translation>
        </message>
        <message>
            <source>%1 could not be opened. It may have been moved or deleted.</source>
            <translation>无法打开 %1。它可能已被移动或删除。</translation>
        </message>
    </context>
    <context>
        <name>landline::app::TransferDelegate</name>
        <message>
            <source>from %1</source>
            <translation>来自 %1</translation>
        </message>
        <message>
            <source>to %1</source>
            <translation>发送给 %1</translation>
        </message>
    </context>
    <context>
        <name>landline::app::TransferListModel</name>
        <message>
            <source>Somebody unknown</source>
            <translation>未知的人</translation>
        </message>
        <message>
            <source>%1 from %2</source>
            <translation>来自 %2 的 %1</translation>
        </message>
        <message>
            <source>%1 to %2</source>
            <translation>发给 %2 的 %1</translation>
        </message>
    </context>
    <context>
        <name>landline::app::TransfersButton</name>
        <message>
            <source>Transfers</source>
            <translation>传输</translation>
        </message>
        <message numerus="yes">
            <source>%n running</source>
            <translation>
                <numerusform>%n 个正在进行</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::TransfersPane</name>
        <message>
            <source>Close the transfers</source>
            <translation>关闭传输列表</translation>
        </message>
        <message>
            <source>Transfers</source>
            <translation>传输</translation>
        </message>
        <message>
            <source>Clear finished</source>
            <translation>清除已完成</translation>
        </message>
        <message>
            <source>Removes what is done or cancelled from this list. Files and messages stay</source>
            <translation>从列表中移除已完成或已取消的项。文件和消息会保留</translation>
        </message>
        <message>
            <source>No transfers yet.

Drop files or folders into a conversation to send them.</source>
            <translation>还没有传输。

把文件或文件夹拖到对话中即可发送。</translation>
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
    <context>
        <name>landline::app::control</name>
        <message>
            <source>Let UDP port %1 and TCP port %2 in.</source>
            <translation>请放行 UDP 端口 %1 和 TCP 端口 %2。</translation>
        </message>
        <message>
            <source> With ufw: sudo ufw allow %1/udp; sudo ufw allow %2/tcp.</source>
            <translation> 使用 ufw：sudo ufw allow %1/udp; sudo ufw allow %2/tcp</translation>
        </message>
        <message>
            <source> With firewalld: sudo firewall-cmd --permanent --add-port=%1/udp --add-port=%2/tcp; sudo firewall-cmd --reload.</source>
            <translation> 使用 firewalld：sudo firewall-cmd --permanent --add-port=%1/udp --add-port=%2/tcp; sudo firewall-cmd --reload</translation>
        </message>
        <message>
            <source>This machine is on no network.</source>
            <translation>本机没有连接到任何网络。</translation>
        </message>
        <message>
            <source>Plug in the cable or join the wireless network; others are found as soon as there is an address.</source>
            <translation>请插好网线或连接无线网络；获得地址后就能发现其他人。</translation>
        </message>
        <message>
            <source>Only virtual networks have an address: %1.</source>
            <translation>只有虚拟网络有地址：%1。</translation>
        </message>
        <message>
            <source>People outside of them cannot see this machine. Join the network on which they are.</source>
            <translation>虚拟网络之外的人看不到本机。请连接到他们所在的网络。</translation>
        </message>
        <message>
            <source>No VPN is up.</source>
            <translation>没有启用 VPN。</translation>
        </message>
        <message>
            <source>A VPN is up: %1.</source>
            <translation>已启用 VPN：%1。</translation>
        </message>
        <message>
            <source>Some VPNs keep a machine from its own network. If people are missing, allow local network access in the VPN's settings, or turn it off for a try.</source>
            <translation>有些 VPN 会阻止访问本地网络。如果看不到某些人，请在 VPN 设置中允许访问本地网络，或暂时关闭它试试。</translation>
        </message>
        <message>
            <source>Nobody can connect to this node: it does not listen.</source>
            <translation>没有人能连接到本机：程序没有在监听。</translation>
        </message>
        <message>
            <source>Another program may have the port that was asked for. Choose another, or none for any free one.</source>
            <translation>指定的端口可能已被其他程序占用。请选择其他端口，或不指定以使用任意空闲端口。</translation>
        </message>
        <message>
            <source>Listening on TCP port %1.</source>
            <translation>正在监听 TCP 端口 %1。</translation>
        </message>
        <message>
            <source>TCP port %1 takes connections at %2.</source>
            <translation>TCP 端口 %1 可在 %2 接受连接。</translation>
        </message>
        <message>
            <source>TCP port %1 does not answer at this machine's own address %2.</source>
            <translation>TCP 端口 %1 在本机地址 %2 上没有响应。</translation>
        </message>
        <message>
            <source>UDP port %1 can be heard.</source>
            <translation>可以接收 UDP 端口 %1。</translation>
        </message>
        <message>
            <source>another program</source>
            <translation>另一个程序</translation>
        </message>
        <message>
            <source>UDP port %1 is taken by %2, which does not share it.</source>
            <translation>UDP 端口 %1 被 %2 占用，且不共享。</translation>
        </message>
        <message>
            <source>End that program; Landline then hears others by itself. Until then it is heard, but hears nobody, unless they connect to it.</source>
            <translation>请结束该程序，之后 Landline 会自动发现其他人。在此之前，别人能发现本机，但本机发现不了别人，除非对方主动连接。</translation>
        </message>
        <message>
            <source>Not tried: the port is taken.</source>
            <translation>未测试：端口已被占用。</translation>
        </message>
        <message>
            <source>Not tried: there is no network to broadcast on.</source>
            <translation>未测试：没有可供广播的网络。</translation>
        </message>
        <message>
            <source>Broadcasts come back on %1.</source>
            <translation>%1 上的广播可以收回。</translation>
        </message>
        <message>
            <source>Broadcasts sent on %1 do not come back.</source>
            <translation>%1 上发出的广播没有收回。</translation>
        </message>
        <message>
            <source>No other device has been heard.</source>
            <translation>没有发现其他设备。</translation>
        </message>
        <message>
            <source>Messages go by the relay.</source>
            <translation>消息经由中继传送。</translation>
        </message>
        <message>
            <source>Messages still go by a relay, which keeps them until %1 comes for them.</source>
            <translation>消息仍会经由中继传送：中继会一直保存，直到%1来取。</translation>
        </message>
        <message>
            <source>For files there must be a direct connection.</source>
            <translation>传送文件需要直接连接。</translation>
        </message>
        <message>
            <source>Is Landline running on another machine of this network? Many guest and company networks keep their machines apart ("client isolation"), and beacons do not cross into other subnets: then give an address with --connect HOST:PORT.</source>
            <translation>同一网络的其他电脑上是否运行着 Landline？许多访客网络和公司网络会隔离各台设备（“客户端隔离”），发现信号也无法跨越子网：这时请用 --connect HOST:PORT 指定地址。</translation>
        </message>
        <message>
            <source>No active firewall was found on this machine.</source>
            <translation>本机没有发现已启用的防火墙。</translation>
        </message>
        <message>
            <source>A firewall is active: %1.</source>
            <translation>防火墙已启用：%1。</translation>
        </message>
        <message>
            <source>This machine's clock is years behind.</source>
            <translation>本机时钟慢了好几年。</translation>
        </message>
        <message>
            <source>Set the date: messages are shown in the order of their authors' clocks.</source>
            <translation>请设置日期：消息按作者的时钟排序显示。</translation>
        </message>
        <message>
            <source>%1's clock is at least %2 minutes ahead of this one.</source>
            <translation>%1 的时钟比本机至少快 %2 分钟。</translation>
        </message>
        <message>
            <source>Set the date and time on the machine that is wrong; messages may be shown out of order until then.</source>
            <translation>请校正时间错误的那台电脑；在此之前，消息顺序可能不正确。</translation>
        </message>
        <message>
            <source>The clock is plausible.</source>
            <translation>时钟正常。</translation>
        </message>
        <message>
            <source>%1's beacon was heard.</source>
            <translation>收到了 %1 的发现信号。</translation>
        </message>
        <message>
            <source>%1 is connected, but no beacon of theirs was heard.</source>
            <translation>%1 已连接，但没有收到其发现信号。</translation>
        </message>
        <message>
            <source>Broadcasts are blocked between you: another subnet, client isolation of the wireless network, or a firewall that drops UDP port %1. Talking works as long as the address stays the same.</source>
            <translation>你们之间的广播被阻断：可能不在同一子网、无线网络启用了客户端隔离，或防火墙丢弃了 UDP 端口 %1。只要地址不变，聊天仍可正常进行。</translation>
        </message>
        <message>
            <source>No beacon of %1 was heard.</source>
            <translation>没有收到 %1 的发现信号。</translation>
        </message>
        <message>
            <source>Is Landline running there, visible, and on the same network? If it is, its firewall or the network in between drops UDP port %1.</source>
            <translation>对方是否运行着 Landline、没有隐身，并在同一网络中？如果是，则是对方的防火墙或中间网络丢弃了 UDP 端口 %1。</translation>
        </message>
        <message>
            <source>%1 answers at %2, but no session came about.</source>
            <translation>%1 在 %2 有响应，但未能建立会话。</translation>
        </message>
        <message>
            <source>Another version may run there, or another person's Landline has that address now. Update both sides and start them again.</source>
            <translation>对方可能运行着不同版本，或者该地址现在属于另一个人的 Landline。请双方更新后重新启动。</translation>
        </message>
        <message>
            <source>The machine at %1 is there, but nothing takes connections.</source>
            <translation>地址 %1 的电脑在线，但不接受连接。</translation>
        </message>
        <message>
            <source>Start Landline there; if it runs, a firewall there rejects its TCP port.</source>
            <translation>请在那里启动 Landline；如果已启动，则是那里的防火墙拒绝了其 TCP 端口。</translation>
        </message>
        <message>
            <source>The machine at %1 does not answer.</source>
            <translation>地址 %1 的电脑没有响应。</translation>
        </message>
        <message>
            <source>It is off or asleep, or a firewall (there, or in between) drops its TCP port. If they can write to you first, it is the firewall on their side.</source>
            <translation>它可能已关机或休眠，或者防火墙（对方或中间）丢弃了其 TCP 端口。如果对方能先给你发消息，则是对方的防火墙造成的。</translation>
        </message>
        <message>
            <source>There is no way to %1 from here.</source>
            <translation>从这里无法到达 %1。</translation>
        </message>
        <message>
            <source>That address belongs to another network. Join it, or turn a VPN that hides it off.</source>
            <translation>该地址属于另一个网络。请连接到该网络，或关闭遮蔽它的 VPN。</translation>
        </message>
        <message>
            <source>%1 is not connected, and no address of theirs is known.</source>
            <translation>%1 未连接，也不知道其地址。</translation>
        </message>
        <message>
            <source>Start Landline there on this network, or give their address with --connect HOST:PORT.</source>
            <translation>请在同一网络中启动对方的 Landline，或用 --connect HOST:PORT 指定其地址。</translation>
        </message>
        <message>
            <source>You have blocked %1.</source>
            <translation>你已屏蔽 %1。</translation>
        </message>
        <message>
            <source>"unblock" lifts the block.</source>
            <translation>“取消屏蔽”可解除屏蔽。</translation>
        </message>
        <message>
            <source>The last attempt ended so: %1</source>
            <translation>最近一次尝试的结果：%1</translation>
        </message>
        <message>
            <source>Connected with %1 at %2.</source>
            <translation>已与 %1 连接（%2）。</translation>
        </message>
        <message>
            <source>This program speaks version %1 of the protocol.</source>
            <translation>本程序使用协议版本 %1。</translation>
        </message>
        <message>
            <source>Update the older of the two programs: they cannot talk until then.</source>
            <translation>请更新两个程序中较旧的一个，在此之前它们无法通信。</translation>
        </message>
        <message>
            <source>%1's speaks %2.</source>
            <translation>%1 的程序使用版本 %2。</translation>
        </message>
        <message>
            <source>Theirs is newer. Update this program, or some of what they send cannot be shown.</source>
            <translation>对方的版本较新。请更新本程序，否则对方发送的部分内容无法显示。</translation>
        </message>
        <message>
            <source>Theirs is older. Some of what you send may not be shown to them.</source>
            <translation>对方的版本较旧。你发送的部分内容可能无法在对方那里显示。</translation>
        </message>
        <message>
            <source>Not tried: no address of %1 is known.</source>
            <translation>未尝试：不知道 %1 的地址。</translation>
        </message>
        <message>
            <source>Connections from here reach %1 at %2.</source>
            <translation>从本机可以连接到 %1（%2）。</translation>
        </message>
        <message>
            <source>%1 is connected, but connections from here do not reach %2: a firewall on their machine, or in between, lets none in.</source>
            <translation>%1 已连接，但从本机无法连接到 %2：对方电脑或途中的防火墙不允许任何连接进入。</translation>
        </message>
        <message>
            <source>On %1's machine, let that TCP port in. Until then talking works as long as they connect first, but no file can be fetched from them.</source>
            <translation>请在 %1 的电脑上放行该 TCP 端口。在此之前，只要由对方先连接就可以聊天，但无法从对方那里接收文件。</translation>
        </message>
        <message>
            <source>Not tried: %1 could not be asked.</source>
            <translation>未尝试：无法向 %1 提出请求。</translation>
        </message>
        <message>
            <source>Connections from %1 reach this machine.</source>
            <translation>来自 %1 的连接可以到达本机。</translation>
        </message>
        <message>
            <source>%1 was asked to connect to this machine and did not get through to its TCP port %2: a firewall on this machine, or in between, lets nothing in.</source>
            <translation>已请求 %1 连接本机，但未能到达本机的 TCP 端口 %2：本机或途中的防火墙不允许任何连接进入。</translation>
        </message>
        <message>
            <source>Until then talking works as long as you connect first, but they can fetch no file.</source>
            <translation>在此之前，只要由你先连接就可以聊天，但对方无法接收文件。</translation>
        </message>
        <message>
            <source>The relay %1 is connected.</source>
            <translation>中继 %1 已连接。</translation>
        </message>
        <message>
            <source>The relay %1 is being dialled.</source>
            <translation>正在连接中继 %1。</translation>
        </message>
        <message>
            <source>The relay %1 does not let this device in.</source>
            <translation>中继 %1 不允许此设备接入。</translation>
        </message>
        <message>
            <source>The relay %1 is not connected.</source>
            <translation>中继 %1 未连接。</translation>
        </message>
        <message>
            <source>No beacon of %1 was heard: they are on another network, or beacons are blocked.</source>
            <translation>没有收到 %1 的发现信号：对方在另一个网络中，或者发现信号被阻挡。</translation>
        </message>
        <message>
            <source>%1 is online at a relay; messages go through it.</source>
            <translation>%1 在中继上在线，消息经中继传送。</translation>
        </message>
        <message>
            <source>%1 is online at a relay.</source>
            <translation>%1 在中继上在线。</translation>
        </message>
        <message>
            <source>Nothing can be left for %1 at a relay.</source>
            <translation>无法经由中继为 %1 留下消息。</translation>
        </message>
        <message>
            <source>Files need a direct connection. On one network it comes about by itself.</source>
            <translation>文件需要直接连接。在同一网络中会自动建立。</translation>
        </message>
        <message>
            <source>More people whom you do not know wrote to you by relay than there is room for. Messages dropped: %1.</source>
            <translation>通过中继给你写信的陌生人超过了可容纳的数量。已丢弃的消息：%1。</translation>
        </message>
        <message>
            <source>Somebody may be making such requests up with your contact link. Make a new link, by &quot;contact link --new&quot; or where your link is shown, and give it to those who are to write to you; people whom you have accepted notice nothing.</source>
            <translation>可能有人在利用你的联系人链接捏造请求。请用“contact link --new”或在显示链接的窗口中生成新链接，并把它交给希望与你联系的人；你已接受的人不受影响。</translation>
        </message>
    </context>
    <context>
        <name>RelayText</name>
        <message>
            <source>This relay does not know you. Ask its operator for an invite, and add that here.</source>
            <translation>此中继不认识你。请向管理员索要邀请，然后在这里添加。</translation>
        </message>
        <message>
            <source>The relay does not know this invite. Copy the whole of it, or ask the operator for another.</source>
            <translation>中继不认识这个邀请。请完整复制，或向管理员另要一个。</translation>
        </message>
        <message>
            <source>This invite has been used up. Ask the relay's operator for another one, and add that here.</source>
            <translation>这个邀请已用完。请向中继的管理员另要一个，然后在这里添加。</translation>
        </message>
        <message>
            <source>This invite has expired. Ask the relay's operator for another one, and add that here.</source>
            <translation>这个邀请已过期。请向中继的管理员另要一个，然后在这里添加。</translation>
        </message>
        <message>
            <source>The relay's operator has shut this device out. Only another invite lets it in again.</source>
            <translation>中继的管理员已禁止此设备使用。只有新的邀请才能恢复。</translation>
        </message>
        <message>
            <source>The relay has as many devices of yours as it takes. Its operator can remove old ones.</source>
            <translation>你在此中继上的设备已达上限。管理员可以移除旧设备。</translation>
        </message>
        <message>
            <source>The relay has too much to do at the moment.</source>
            <translation>中继目前过于繁忙。</translation>
        </message>
        <message>
            <source>The relay asks this device to come back later.</source>
            <translation>中继要求此设备稍后再来。</translation>
        </message>
        <message>
            <source>The relay's disk takes nothing at the moment. If that lasts, tell its operator.</source>
            <translation>中继的磁盘目前无法写入。如果持续如此，请告知管理员。</translation>
        </message>
        <message>
            <source>The relay cannot be reached. It may be off, or the network or a firewall is in the way.</source>
            <translation>无法连接中继。它可能没有运行，或者被网络或防火墙阻挡。</translation>
        </message>
        <message>
            <source>The relay did not answer in time.</source>
            <translation>中继没有及时应答。</translation>
        </message>
        <message>
            <source>The connection to the relay has ended.</source>
            <translation>与中继的连接已断开。</translation>
        </message>
        <message>
            <source>The relay speaks another version. Update Landline, or have the relay updated.</source>
            <translation>中继的版本不同。请更新 Landline，或请管理员更新中继。</translation>
        </message>
        <message>
            <source>What answers at this address is no relay, or one that is not in order.</source>
            <translation>此地址上应答的不是中继，或者中继有故障。</translation>
        </message>
        <message>
            <source>Another key than the relay's answers at this address.</source>
            <translation>此地址上应答的密钥不是该中继的密钥。</translation>
        </message>
        <message>
            <source>The relay cannot be used at the moment.</source>
            <translation>中继目前无法使用。</translation>
        </message>
        <message>
            <source>Another program with the key of this device is connected to the relay: its profile is a copy.</source>
            <translation>另一个程序正以此设备的密钥连接中继：它的配置是一份副本。</translation>
        </message>
        <message>
            <source>No relay is known where messages could wait for them. If they use one, ask them for their contact link and add it.</source>
            <translation>没有已知的中继可以为对方保存消息。如果对方使用中继，请向对方索要联系人链接并添加。</translation>
        </message>
        <message>
            <source>The relay %1, where messages would wait for them, cannot be reached or does not answer. It is tried again by itself; if that lasts, ask its operator.</source>
            <translation>为对方保存消息的中继 %1 无法连接或没有应答。程序会自动重试；如果一直如此，请询问其管理员。</translation>
        </message>
        <message>
            <source>Your relay %1, where messages would wait for them, does not let this device in. The list of your relays tells why.</source>
            <translation>为对方保存消息的是你的中继 %1，它不允许此设备接入。原因见你的中继列表。</translation>
        </message>
        <message>
            <source>The relay %1 takes no messages for them at the moment. It is tried again by itself.</source>
            <translation>中继 %1 目前不接收给对方的消息。程序会自动重试。</translation>
        </message>
        <message>
            <source>At the relay %1 there is no key with which to seal messages for them. There will be one once they come online.</source>
            <translation>中继 %1 上没有可用来为对方加密消息的密钥。对方上线后就会有。</translation>
        </message>
        <message>
            <source>The relay %1 takes nothing from you for them: they do not use it any more, or have taken back the contact link that you have. Ask them for another one and add it.</source>
            <translation>中继 %1 不接收你给对方的任何内容：对方已不再使用它，或收回了你持有的联系人链接。请向对方另要一个链接并添加。</translation>
        </message>
        <message>
            <source>At the relay %1 there is no more room for what you send them. There is again once they come online and fetch what waits there.</source>
            <translation>中继 %1 上已没有空间存放你发给对方的内容。对方上线取走那里的内容后就会有空间。</translation>
        </message>
        <message>
            <source>The relay %1, where messages would wait for them, has not answered yet.</source>
            <translation>为对方保存消息的中继 %1 尚未应答。</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ContactLinkDialog</name>
        <message>
            <source>My contact link</source>
            <translation>我的联系人链接</translation>
        </message>
        <message>
            <source>Whoever opens it can add you, from another network too. It holds your addresses and relays.</source>
            <translation>打开此链接的人可以添加你，在其他网络中也可以。链接包含你的地址和中继。</translation>
        </message>
        <message>
            <source>The link as a QR code</source>
            <translation>链接的二维码</translation>
        </message>
        <message>
            <source>New link…</source>
            <translation>新链接…</translation>
        </message>
        <message>
            <source>Copy</source>
            <translation>复制</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Copied</source>
            <translation>已复制</translation>
        </message>
        <message>
            <source>Make a new link?</source>
            <translation>要生成新链接吗？</translation>
        </message>
        <message>
            <source>Who has the link of before, and was not accepted, can no longer leave messages for you at your relays. Give the new link to those who are to write to you. People whom you have accepted notice nothing.</source>
            <translation>持有旧链接而未被你接受的人，将无法再在你的中继上给你留言。请把新链接交给希望与你联系的人。你已接受的人不受影响。</translation>
        </message>
        <message>
            <source>New link</source>
            <translation>新链接</translation>
        </message>
        <message>
            <source>There is no new link</source>
            <translation>没有新链接</translation>
        </message>
    </context>
    <context>
        <name>landline::app::LinkOpener</name>
        <message>
            <source>this person</source>
            <translation>此人</translation>
        </message>
        <message>
            <source>Add %1?</source>
            <translation>添加 %1？</translation>
        </message>
        <message>
            <source>The link says that it is from %1. To be sure, compare safety numbers once you are connected.</source>
            <translation>此链接自称来自 %1。为确认身份，请在连接后核对安全码。</translation>
        </message>
        <message>
            <source>Add</source>
            <translation>添加</translation>
        </message>
        <message>
            <source>Use this relay?</source>
            <translation>使用此中继？</translation>
        </message>
        <message>
            <source>%1 would keep messages for you while you are away. It cannot read them, but sees when you are connected and who leaves messages for whom. Add it only if you know who runs it.</source>
            <translation>%1 会在你离线时替你保存消息。它无法读取内容，但能看到你何时在线，以及谁给谁留了消息。只有知道由谁运行时才添加。</translation>
        </message>
        <message>
            <source>This link cannot be opened</source>
            <translation>无法打开此链接</translation>
        </message>
    </context>
    <context>
        <name>landline::app::RelaySettings</name>
        <message>
            <source>People at this relay can find me</source>
            <translation>此中继的用户可以找到我</translation>
        </message>
        <message>
            <source>Everybody with an account there sees your name, and a link with which they can write to you by this relay.</source>
            <translation>在此中继有账号的所有人都会看到你的名字，以及可经此中继给你写消息的链接。</translation>
        </message>
        <message>
            <source>Connected</source>
            <translation>已连接</translation>
        </message>
        <message>
            <source>Connected · %1 of %2 in use</source>
            <translation>已连接 · 已用 %1，共 %2</translation>
        </message>
        <message>
            <source>Connecting…</source>
            <translation>正在连接…</translation>
        </message>
        <message>
            <source>Not connected</source>
            <translation>未连接</translation>
        </message>
        <message>
            <source>Not connected · next try at %1</source>
            <translation>未连接 · %1 重试</translation>
        </message>
        <message>
            <source>Does not let you in</source>
            <translation>拒绝接入</translation>
        </message>
        <message>
            <source>Another relay answers</source>
            <translation>应答的是另一个中继</translation>
        </message>
        <message>
            <source>A relay keeps messages for people who are away, sealed so that it cannot read them. Whoever runs one gives you its address.</source>
            <translation>中继替离线的人保存消息，消息经过加密，中继无法读取。中继的地址由运行它的人提供。</translation>
        </message>
        <message>
            <source>Address of a relay</source>
            <translation>中继的地址</translation>
        </message>
        <message>
            <source>Add</source>
            <translation>添加</translation>
        </message>
        <message>
            <source>None yet. Without one, messages wait here until you are connected.</source>
            <translation>还没有中继。没有中继时，消息会留在这里，直到双方连接。</translation>
        </message>
        <message>
            <source>Remove %1</source>
            <translation>移除 %1</translation>
        </message>
        <message>
            <source>Remove</source>
            <translation>移除</translation>
        </message>
        <message>
            <source>Remove this relay?</source>
            <translation>移除此中继？</translation>
        </message>
        <message>
            <source>Your contacts are told, and nobody can leave messages for you at %1 any more. What waits there is fetched once more, as soon as it can be reached while Landline runs, within 30 days.</source>
            <translation>联系人会得知此事，别人将无法再通过 %1 给你留言。那里尚未取走的消息，会在 30 天内于 Landline 运行且能连上它时再取一次。</translation>
        </message>
        <message>
            <source>People…</source>
            <translation>用户…</translation>
        </message>
        <message>
            <source>Who wants to be found there</source>
            <translation>愿意在那里被找到的人</translation>
        </message>
        <message>
            <source>People at %1</source>
            <translation>%1 的用户</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ListedPeopleDelegate</name>
        <message>
            <source>Add</source>
            <translation>添加</translation>
        </message>
    </context>
    <context>
        <name>landline::app::ListedPeopleModel</name>
        <message>
            <source>In your contacts</source>
            <translation>已是你的联系人</translation>
        </message>
        <message>
            <source>Not the one you know</source>
            <translation>不是你认识的那位</translation>
        </message>
    </context>
    <context>
        <name>landline::app::PeopleDialog</name>
        <message>
            <source>People at this relay</source>
            <translation>此中继的用户</translation>
        </message>
        <message>
            <source>Search</source>
            <translation>搜索</translation>
        </message>
        <message>
            <source>Search people at this relay</source>
            <translation>搜索此中继的用户</translation>
        </message>
        <message>
            <source>There are more than are shown here. Ask whom you miss for their contact link.</source>
            <translation>还有更多用户未在此列出。找不到的人，请向对方索取联系人链接。</translation>
        </message>
        <message>
            <source>Close</source>
            <translation>关闭</translation>
        </message>
        <message>
            <source>Nobody by this name is listed.</source>
            <translation>名录中没有叫这个名字的人。</translation>
        </message>
        <message>
            <source>Looking through the directory…</source>
            <translation>正在查看名录…</translation>
        </message>
        <message>
            <source>Nobody else is listed here yet.

People appear once they turn on “People at this relay can find me”.</source>
            <translation>这里还没有其他人。

开启“此中继的用户可以找到我”的人会出现在这里。</translation>
        </message>
        <message>
            <source>Loading…</source>
            <translation>正在加载…</translation>
        </message>
        <message>
            <source>Reload</source>
            <translation>刷新</translation>
        </message>
        <message>
            <source>Try again</source>
            <translation>重试</translation>
        </message>
    </context>
</TS>
