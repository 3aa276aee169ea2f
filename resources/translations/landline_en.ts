<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
    <context>
        <name>BundleText</name>
        <message numerus="yes">
            <source>%n files</source>
            <translation>
                <numerusform>%n file</numerusform>
                <numerusform>%n files</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>%1 in %n folders</source>
            <extracomment>%1: "3 files"</extracomment>
            <translation>
                <numerusform>%1 in %n folder</numerusform>
                <numerusform>%1 in %n folders</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>FileLayout</name>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>and %n more</numerusform>
                <numerusform>and %n more</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>TransferText</name>
        <message numerus="yes">
            <source>%n items</source>
            <translation>
                <numerusform>%n item</numerusform>
                <numerusform>%n items</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>doctor</name>
        <message numerus="yes">
            <source>%n device(s) heard since the start.</source>
            <translation>
                <numerusform>%n device heard since the start.</numerusform>
                <numerusform>%n devices heard since the start.</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::BundleDialog</name>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>and %n more</numerusform>
                <numerusform>and %n more</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::FileSettings</name>
        <message numerus="yes">
            <source>%n files</source>
            <translation>
                <numerusform>%n file</numerusform>
                <numerusform>%n files</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::JumpButton</name>
        <message numerus="yes">
            <source>%n new messages</source>
            <translation>
                <numerusform>%n new message</numerusform>
                <numerusform>%n new messages</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::SendFilesDialog</name>
        <message numerus="yes">
            <source>and %n more</source>
            <translation>
                <numerusform>and %n more</numerusform>
                <numerusform>and %n more</numerusform>
            </translation>
        </message>
        <message numerus="yes">
            <source>Send %n items?</source>
            <translation>
                <numerusform>Send %n item?</numerusform>
                <numerusform>Send %n items?</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::SidebarModel</name>
        <message numerus="yes">
            <source>%n unread</source>
            <translation>
                <numerusform>%n unread</numerusform>
                <numerusform>%n unread</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::TransfersButton</name>
        <message numerus="yes">
            <source>%n running</source>
            <translation>
                <numerusform>%n running</numerusform>
                <numerusform>%n running</numerusform>
            </translation>
        </message>
    </context>
    <context>
        <name>landline::app::Tray</name>
        <message numerus="yes">
            <source>Landline: %n unread</source>
            <translation>
                <numerusform>Landline: %n unread</numerusform>
                <numerusform>Landline: %n unread</numerusform>
            </translation>
        </message>
    </context>
</TS>
