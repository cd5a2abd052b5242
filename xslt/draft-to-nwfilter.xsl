<?xml version="1.0" encoding="UTF-8"?>
<!--
  The draft of January 2010 (the skeleton <FilterEntry> posted to libvir-list) -> native network filter.

    xsltproc xslt/draft-to-nwfilter.xsl draft.xml            (string parameter: name)

  Input       <FilterEntries> with entries, or one <FilterEntry>. Elements are known by their local names, with or without a
              namespace. An empty element means "any". nwg:part and nwg:index as in nwfilter-to-wscim.xsl.
  Output      <filter>; its name is d:name of the document, else the parameter. What has no exact native form comes out in
              place as <nwg:refused property= reason= entry=>, entry counting from 0: a document with one is no filter.
  Parameter   name: of the filter, where the document has none.

  How the draft is read
    An entry is one rule, met in the order of the document. Only the bridge layer keeps one order over MAC, ARP and IP, and it
    adds no connection tracking, which the draft does not know: so IPHeadersFilter becomes <ip> or <ipv6>, with the frame's
    addresses from Hdr8021Filter beside; ARPFilter <arp>, or <rarp> where HdrProtocolID8021 says so; Hdr8021Filter alone
    <mac>, or <vlan> with HdrVLANID8021; nothing at all a rule that every frame meets. d:element, which our own export
    writes, names another element.
    `!` negates its field; masks and ends of ranges go with what they belong to. Negated fields of one entry each must not match.

  Style       as in nwfilter-to-wscim.xsl. nwfilter-to-draft.xsl is the inverse.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nwg="http://schemas.nwgate.org/nwfilter/1"
    xmlns:d="http://schemas.nwgate.org/draft/1"
    exclude-result-prefixes="d">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>
  <xsl:param name="name" select="''"/>

  <!-- Field to attribute; the part of the draft, or the native element, in front. -->
  <xsl:variable name="attributeOf" select="concat(' ', normalize-space('
    Hdr8021Filter:HdrSrcMACAddr8021=srcmacaddr Hdr8021Filter:HdrSrcMACMask8021=srcmacmask
    Hdr8021Filter:HdrDestMACAddr8021=dstmacaddr Hdr8021Filter:HdrDestMACMask8021=dstmacmask
    Hdr8021Filter:HdrVLANID8021=vlanid mac:HdrProtocolID8021=protocolid
    ARPFilter:HWType=hwtype ARPFilter:ProtocolType=protocoltype ARPFilter:OPCode=opcode
    ARPFilter:SrcMACAddr=arpsrcmacaddr ARPFilter:SrcIPAddr=arpsrcipaddr
    ARPFilter:DestMACAddr=arpdstmacaddr ARPFilter:DestIPAddr=arpdstipaddr
    IPHeadersFilter:HdrSrcAddress=srcipaddr IPHeadersFilter:HdrSrcMask=srcipmask
    IPHeadersFilter:HdrDestAddress=dstipaddr IPHeadersFilter:HdrDestMask=dstipmask
    ip:HdrProtocolID=protocol ipv6:HdrProtocolID=protocol
    IPHeadersFilter:HdrSrcPortStart=srcportstart IPHeadersFilter:HdrSrcPortEnd=srcportend
    IPHeadersFilter:HdrDestPortStart=dstportstart IPHeadersFilter:HdrDestPortEnd=dstportend
    IPHeadersFilter:HdrDSCP=dscp
    '), ' ')"/>
  <!-- Fields that are negated with another. -->
  <xsl:variable name="baseOf" select="concat(' ', normalize-space('
    HdrSrcMACMask8021=HdrSrcMACAddr8021 HdrDestMACMask8021=HdrDestMACAddr8021 HdrSrcMask=HdrSrcAddress
    HdrDestMask=HdrDestAddress HdrSrcPortEnd=HdrSrcPortStart HdrDestPortEnd=HdrDestPortStart
    '), ' ')"/>
  <!-- What the packet layer's elements say about the protocol. -->
  <xsl:variable name="numberOf" select="concat(' ', normalize-space('
    tcp=6 udp=17 udplite=136 esp=50 ah=51 sctp=132 icmp=1 igmp=2 icmpv6=58 all=
    '), ' ')"/>
  <xsl:variable name="elements" select="concat(' ', normalize-space('
    mac vlan arp rarp ip ipv6 tcp udp udplite esp ah sctp icmp igmp all
    tcp-ipv6 udp-ipv6 udplite-ipv6 esp-ipv6 ah-ipv6 sctp-ipv6 icmpv6 all-ipv6
    '), ' ')"/>
  <xsl:variable name="upper" select="'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"/>
  <xsl:variable name="lower" select="'abcdefghijklmnopqrstuvwxyz'"/>

  <xsl:template match="/">
    <xsl:for-each select="*">
      <xsl:variable name="filterName">
        <xsl:choose>
          <xsl:when test="@d:name"><xsl:value-of select="@d:name"/></xsl:when>
          <xsl:otherwise><xsl:value-of select="$name"/></xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <filter name="{$filterName}">
        <xsl:attribute name="chain">
          <xsl:choose>
            <xsl:when test="@d:chain"><xsl:value-of select="@d:chain"/></xsl:when>
            <xsl:otherwise>root</xsl:otherwise>
          </xsl:choose>
        </xsl:attribute>
        <xsl:if test="@d:priority"><xsl:attribute name="priority"><xsl:value-of select="@d:priority"/></xsl:attribute></xsl:if>
        <xsl:if test="not(@nwg:part)">
          <xsl:if test="$filterName = ''">
            <nwg:refused property="name" reason="the draft has none: give the filter a name"/>
          </xsl:if>
          <xsl:if test="@d:uuid"><uuid><xsl:value-of select="@d:uuid"/></uuid></xsl:if>
        </xsl:if>
        <xsl:choose>
          <xsl:when test="local-name() = 'FilterEntry'">
            <xsl:call-template name="entry"><xsl:with-param name="at" select="'0'"/></xsl:call-template>
          </xsl:when>
          <xsl:when test="local-name() = 'FilterEntries'">
            <xsl:for-each select="*">
              <xsl:variable name="index">
                <xsl:choose>
                  <xsl:when test="@nwg:index"><xsl:value-of select="@nwg:index"/></xsl:when>
                  <xsl:otherwise><xsl:value-of select="position() - 1"/></xsl:otherwise>
                </xsl:choose>
              </xsl:variable>
              <xsl:choose>
                <xsl:when test="local-name() = 'FilterEntry'">
                  <xsl:call-template name="entry"><xsl:with-param name="at" select="string($index)"/></xsl:call-template>
                </xsl:when>
                <xsl:otherwise>
                  <nwg:refused property="{local-name()}" reason="is no FilterEntry" entry="{$index}"/>
                </xsl:otherwise>
              </xsl:choose>
            </xsl:for-each>
          </xsl:when>
          <xsl:otherwise>
            <nwg:refused property="{local-name()}" reason="is no FilterEntry"/>
          </xsl:otherwise>
        </xsl:choose>
      </filter>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="entry">
    <xsl:param name="at"/>
    <xsl:variable name="acts" select="translate(normalize-space(*[local-name() = 'Action']), $upper, $lower)"/>
    <xsl:variable name="goes" select="translate(normalize-space(*[local-name() = 'TrafficType']), $upper, $lower)"/>
    <!-- |Part:Field| of all that is not empty, with ! in front of the field's name where it is negated. -->
    <xsl:variable name="givenText">|<xsl:for-each select="*">
        <xsl:variable name="in" select="local-name()"/>
        <xsl:for-each select="*">
          <xsl:if test="normalize-space(.) != ''">
            <xsl:value-of select="concat($in, ':')"/>
            <xsl:if test="starts-with(normalize-space(.), '!')">!</xsl:if>
            <xsl:value-of select="concat(local-name(), '|')"/>
          </xsl:if>
        </xsl:for-each>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="given" select="string($givenText)"/>
    <xsl:variable name="typeText">
      <xsl:for-each select="*[local-name() = 'Hdr8021Filter']/*[local-name() = 'HdrProtocolID8021']">
        <xsl:value-of select="translate(normalize-space(.), $upper, $lower)"/>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="type">
      <xsl:choose>
        <xsl:when test="contains(' 2054 0x806 0x0806 ', concat(' ', $typeText, ' '))">arp</xsl:when>
        <xsl:when test="contains(' 32821 0x8035 ', concat(' ', $typeText, ' '))">rarp</xsl:when>
        <xsl:when test="contains(' 2048 0x800 0x0800 ', concat(' ', $typeText, ' '))">ipv4</xsl:when>
        <xsl:when test="contains(' 34525 0x86dd ', concat(' ', $typeText, ' '))">ipv6</xsl:when>
        <xsl:when test="contains(' 33024 0x8100 ', concat(' ', $typeText, ' '))">vlan</xsl:when>
        <xsl:otherwise><xsl:value-of select="$typeText"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="ipPart" select="*[local-name() = 'IPHeadersFilter']"/>
    <xsl:variable name="version" select="normalize-space($ipPart/*[local-name() = 'HdrIPVersion'])"/>
    <xsl:variable name="next" select="translate(normalize-space($ipPart/*[local-name() = 'HdrProtocolID']), $upper, $lower)"/>
    <xsl:variable name="elementText">
      <xsl:choose>
        <xsl:when test="@d:element"><xsl:value-of select="@d:element"/></xsl:when>
        <xsl:when test="contains($given, '|ARPFilter:') and $type = 'rarp'">rarp</xsl:when>
        <xsl:when test="contains($given, '|ARPFilter:')">arp</xsl:when>
        <xsl:when test="contains($given, '|IPHeadersFilter:') and ($version = '4' or $version = '' and $type = 'ipv4')">ip</xsl:when>
        <xsl:when test="contains($given, '|IPHeadersFilter:') and ($version = '6' or $version = '' and $type = 'ipv6')">ipv6</xsl:when>
        <xsl:when test="contains($given, '|IPHeadersFilter:')">?</xsl:when>
        <xsl:when test="contains($given, '|Hdr8021Filter:HdrVLANID8021|') or contains($given, '|Hdr8021Filter:!HdrVLANID8021|')">vlan</xsl:when>
        <xsl:when test="contains($given, '|Hdr8021Filter:')">mac</xsl:when>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="element" select="string($elementText)"/>
    <rule priority="500">
      <xsl:attribute name="action">
        <xsl:choose>
          <xsl:when test="$acts = 'accept' or $acts = 'drop'"><xsl:value-of select="$acts"/></xsl:when>
        </xsl:choose>
      </xsl:attribute>
      <xsl:attribute name="direction">
        <xsl:choose>
          <xsl:when test="$goes = 'incoming'">in</xsl:when>
          <xsl:when test="$goes = 'outgoing'">out</xsl:when>
        </xsl:choose>
      </xsl:attribute>
      <xsl:if test="$element != '' and contains($elements, concat(' ', $element, ' '))">
        <xsl:element name="{$element}">
          <xsl:call-template name="matches">
            <xsl:with-param name="mElement" select="$element"/>
            <xsl:with-param name="mGiven" select="$given"/>
            <xsl:with-param name="mWanted" select="'plain'"/>
          </xsl:call-template>
        </xsl:element>
        <xsl:if test="contains($given, ':!')">
          <xsl:element name="{$element}">
            <xsl:attribute name="match">no</xsl:attribute>
            <xsl:call-template name="matches">
              <xsl:with-param name="mElement" select="$element"/>
              <xsl:with-param name="mGiven" select="$given"/>
              <xsl:with-param name="mWanted" select="'turned'"/>
            </xsl:call-template>
          </xsl:element>
        </xsl:if>
      </xsl:if>

      <xsl:if test="$acts != 'accept' and $acts != 'drop'">
        <nwg:refused property="Action" reason="must be ACCEPT or DROP" entry="{$at}"/>
      </xsl:if>
      <xsl:if test="$goes != 'incoming' and $goes != 'outgoing'">
        <nwg:refused property="TrafficType" reason="must be incoming or outgoing" entry="{$at}"/>
      </xsl:if>
      <xsl:choose>
        <xsl:when test="$element = '?'">
          <nwg:refused property="HdrIPVersion" reason="must be 4 or 6: native rules are for one of them" entry="{$at}"/>
        </xsl:when>
        <xsl:when test="$element != '' and not(contains($elements, concat(' ', $element, ' ')))">
          <nwg:refused property="element" reason="{$element} is no native element that the draft can hold" entry="{$at}"/>
        </xsl:when>
      </xsl:choose>
      <xsl:call-template name="consistency">
        <xsl:with-param name="coElement" select="$element"/>
        <xsl:with-param name="coType" select="string($type)"/>
        <xsl:with-param name="coVersion" select="$version"/>
        <xsl:with-param name="coNext" select="$next"/>
        <xsl:with-param name="coAt" select="$at"/>
      </xsl:call-template>
      <xsl:for-each select="*">
        <xsl:variable name="partName" select="local-name()"/>
        <xsl:choose>
          <xsl:when test="$partName = 'Action' or $partName = 'TrafficType'"/>
          <xsl:when test="$partName = 'Hdr8021Filter' or $partName = 'ARPFilter' or $partName = 'IPHeadersFilter'">
            <xsl:if test="count(../*[local-name() = $partName]) != 1">
              <nwg:refused property="{$partName}" reason="is there more than once" entry="{$at}"/>
            </xsl:if>
            <xsl:for-each select="*">
              <xsl:call-template name="field-refusals">
                <xsl:with-param name="frPart" select="$partName"/>
                <xsl:with-param name="frElement" select="$element"/>
                <xsl:with-param name="frGiven" select="$given"/>
                <xsl:with-param name="frAt" select="$at"/>
              </xsl:call-template>
            </xsl:for-each>
          </xsl:when>
          <xsl:otherwise>
            <nwg:refused property="{$partName}" reason="is no part of the draft" entry="{$at}"/>
          </xsl:otherwise>
        </xsl:choose>
      </xsl:for-each>
    </rule>
  </xsl:template>

  <!-- The attributes of one protocol element: those that are negated (turned) or those that are not (plain). -->
  <xsl:template name="matches">
    <xsl:param name="mElement"/>
    <xsl:param name="mGiven"/>
    <xsl:param name="mWanted"/>
    <xsl:for-each select="*">
      <xsl:variable name="inPart" select="local-name()"/>
      <xsl:for-each select="*">
        <xsl:variable name="content" select="normalize-space(.)"/>
        <xsl:variable name="general" select="substring-before(substring-after($attributeOf, concat(' ', $inPart, ':', local-name(), '=')), ' ')"/>
        <xsl:variable name="special" select="substring-before(substring-after($attributeOf, concat(' ', $mElement, ':', local-name(), '=')), ' ')"/>
        <xsl:variable name="base" select="substring-before(substring-after($baseOf, concat(' ', local-name(), '=')), ' ')"/>
        <xsl:variable name="side">
          <xsl:choose>
            <xsl:when test="starts-with($content, '!')">turned</xsl:when>
            <xsl:when test="$base != '' and contains($mGiven, concat('|', $inPart, ':!', $base, '|'))">turned</xsl:when>
            <xsl:otherwise>plain</xsl:otherwise>
          </xsl:choose>
        </xsl:variable>
        <xsl:variable name="bare">
          <xsl:choose>
            <xsl:when test="starts-with($content, '!')"><xsl:value-of select="normalize-space(substring-after($content, '!'))"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="$content"/></xsl:otherwise>
          </xsl:choose>
        </xsl:variable>
        <xsl:if test="$content != '' and concat($general, $special) != '' and $side = $mWanted">
          <xsl:attribute name="{concat($general, $special)}">
            <xsl:choose>
              <xsl:when test="$bare = '[THIS_MAC]'">$MAC</xsl:when>
              <xsl:when test="$bare = '[THIS_IP]'">$IP</xsl:when>
              <xsl:otherwise><xsl:value-of select="$bare"/></xsl:otherwise>
            </xsl:choose>
          </xsl:attribute>
        </xsl:if>
      </xsl:for-each>
    </xsl:for-each>
  </xsl:template>

  <!-- What the element says must not be contradicted by the fields that say it again. -->
  <xsl:template name="consistency">
    <xsl:param name="coElement"/>
    <xsl:param name="coType"/>
    <xsl:param name="coVersion"/>
    <xsl:param name="coNext"/>
    <xsl:param name="coAt"/>
    <xsl:variable name="sixth" select="contains($coElement, 'v6')"/>
    <xsl:variable name="isEthernet" select="$coElement = 'mac' or $coElement = 'vlan' or $coElement = 'arp' or $coElement = 'rarp' or $coElement = '' or $coElement = '?'"/>
    <xsl:choose>
      <xsl:when test="$coType = '' or $coElement = 'mac' or $coElement = '' or $coElement = '?'"/>
      <xsl:when test="$coType = $coElement"/>
      <xsl:when test="not($isEthernet) and $coType = 'ipv6' and $sixth"/>
      <xsl:when test="not($isEthernet) and $coType = 'ipv4' and not($sixth)"/>
      <xsl:otherwise>
        <nwg:refused property="HdrProtocolID8021" reason="{$coType} does not go with the other parts of the entry" entry="{$coAt}"/>
      </xsl:otherwise>
    </xsl:choose>
    <xsl:if test="$coElement != '?' and $coVersion != ''">
      <xsl:if test="$isEthernet or $sixth and $coVersion != '6' or not($sixth) and $coVersion != '4'">
        <nwg:refused property="HdrIPVersion" reason="{$coVersion} does not go with the other parts of the entry" entry="{$coAt}"/>
      </xsl:if>
    </xsl:if>
    <xsl:if test="not($isEthernet) and $coElement != 'ip' and $coElement != 'ipv6' and $coNext != ''">
      <xsl:variable name="transport" select="substring-before(concat($coElement, '-'), '-')"/>
      <xsl:if test="$coNext != $transport and $coNext != substring-before(substring-after($numberOf, concat(' ', $transport, '=')), ' ')">
        <nwg:refused property="HdrProtocolID" reason="{$coNext} does not go with {$coElement}" entry="{$coAt}"/>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <xsl:template name="field-refusals">
    <xsl:param name="frPart"/>
    <xsl:param name="frElement"/>
    <xsl:param name="frGiven"/>
    <xsl:param name="frAt"/>
    <xsl:variable name="f" select="local-name()"/>
    <xsl:variable name="said" select="normalize-space(.)"/>
    <xsl:variable name="its" select="substring-before(substring-after($baseOf, concat(' ', $f, '=')), ' ')"/>
    <xsl:variable name="written" select="normalize-space(translate($said, '!', ' '))"/>
    <xsl:choose>
      <xsl:when test="$said = ''"/>
      <xsl:when test="count(../*[local-name() = $f]) != 1">
        <nwg:refused property="{$f}" reason="is there more than once" entry="{$frAt}"/>
      </xsl:when>
      <xsl:when test="$f = 'HdrIPVersion' or $f = 'HdrProtocolID' or $f = 'HdrProtocolID8021'">
        <xsl:if test="starts-with($said, '!') and not(contains($attributeOf, concat(' ', $frElement, ':', $f, '=')))">
          <nwg:refused property="{$f}" reason="cannot be negated here" entry="{$frAt}"/>
        </xsl:if>
      </xsl:when>
      <xsl:when test="not(contains($attributeOf, concat(' ', $frPart, ':', $f, '=')))">
        <nwg:refused property="{$f}" reason="has no native form" entry="{$frAt}"/>
      </xsl:when>
      <xsl:when test="$its != '' and starts-with($said, '!') and contains($frGiven, concat('|', $frPart, ':', $its, '|'))">
        <nwg:refused property="{$f}" reason="is negated, and {$its} is not" entry="{$frAt}"/>
      </xsl:when>
    </xsl:choose>
    <xsl:if test="starts-with($written, '[') and $written != '[THIS_MAC]' and $written != '[THIS_IP]'">
      <nwg:refused property="{$f}" reason="{$written} is neither [THIS_MAC] nor [THIS_IP]" entry="{$frAt}"/>
    </xsl:if>
    <xsl:if test="starts-with($written, '$')">
      <nwg:refused property="{$f}" reason="{$written}: the draft has no variables but [THIS_MAC] and [THIS_IP]" entry="{$frAt}"/>
    </xsl:if>
  </xsl:template>
</xsl:stylesheet>
