<?xml version="1.0" encoding="UTF-8"?>
<!--
  Native network filter -> the draft of January 2010 (the skeleton <FilterEntry> posted to libvir-list).

    xsltproc xslt/nwfilter-to-draft.xsl filter.xml

  Input       one <filter> in canonical native XML, as `nwgate dumpxml` prints it. nwg:part and nwg:index as in
              nwfilter-to-wscim.xsl.
  Output      <FilterEntries> with one <FilterEntry> for each rule. The draft has no namespace; what it lacks stands in ours,
              d: name, uuid, chain and priority of the filter, the native element of an entry (d:element), and the
              ARPFilter part, which no DMTF schema has.
              What the draft cannot hold comes out in place as <nwg:refused property= reason= entry=>, entry counting from 0.

  Values      `!` in front negates the field (its mask or end of range with it); [THIS_MAC] is $MAC, [THIS_IP] is $IP.
  Style       as in nwfilter-to-wscim.xsl. draft-to-nwfilter.xsl is the inverse.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nwg="http://schemas.nwgate.org/nwfilter/1"
    xmlns:d="http://schemas.nwgate.org/draft/1"
    exclude-result-prefixes="nwg">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <!-- Attribute to element of the draft, in the part named in front. -->
  <xsl:variable name="fieldOf" select="concat(' ', normalize-space('
    eth:srcmacaddr=HdrSrcMACAddr8021 eth:srcmacmask=HdrSrcMACMask8021
    eth:dstmacaddr=HdrDestMACAddr8021 eth:dstmacmask=HdrDestMACMask8021
    eth:protocolid=HdrProtocolID8021 eth:vlanid=HdrVLANID8021
    arp:hwtype=HWType arp:protocoltype=ProtocolType arp:opcode=OPCode
    arp:arpsrcmacaddr=SrcMACAddr arp:arpsrcipaddr=SrcIPAddr arp:arpdstmacaddr=DestMACAddr arp:arpdstipaddr=DestIPAddr
    ip:srcipaddr=HdrSrcAddress ip:srcipmask=HdrSrcMask ip:dstipaddr=HdrDestAddress ip:dstipmask=HdrDestMask
    ip:protocol=HdrProtocolID ip:srcportstart=HdrSrcPortStart ip:srcportend=HdrSrcPortEnd
    ip:dstportstart=HdrDestPortStart ip:dstportend=HdrDestPortEnd ip:dscp=HdrDSCP
    '), ' ')"/>
  <!-- They are negated with what they belong to. -->
  <xsl:variable name="parts" select="' srcmacmask dstmacmask srcipmask dstipmask srcportend dstportend '"/>

  <xsl:template match="filter">
    <FilterEntries d:name="{@name}">
      <xsl:if test="@chain"><xsl:attribute name="d:chain"><xsl:value-of select="@chain"/></xsl:attribute></xsl:if>
      <xsl:if test="@priority"><xsl:attribute name="d:priority"><xsl:value-of select="@priority"/></xsl:attribute></xsl:if>
      <xsl:for-each select="uuid"><xsl:attribute name="d:uuid"><xsl:value-of select="."/></xsl:attribute></xsl:for-each>
      <xsl:for-each select="*[local-name() != 'uuid']">
        <xsl:variable name="index">
          <xsl:choose>
            <xsl:when test="@nwg:index"><xsl:value-of select="@nwg:index"/></xsl:when>
            <xsl:otherwise><xsl:value-of select="position() - 1"/></xsl:otherwise>
          </xsl:choose>
        </xsl:variable>
        <xsl:apply-templates select="."><xsl:with-param name="at" select="string($index)"/></xsl:apply-templates>
      </xsl:for-each>
    </FilterEntries>
  </xsl:template>

  <xsl:template match="filterref">
    <xsl:param name="at"/>
    <nwg:refused property="filterref" reason="the draft has no references ({@filter})" entry="{$at}"/>
  </xsl:template>

  <xsl:template match="rule">
    <xsl:param name="at"/>
    <!-- Not local-name(*[1]): of an empty set one engine answers the current node's. -->
    <xsl:variable name="elementText">
      <xsl:for-each select="*[1]"><xsl:value-of select="local-name()"/></xsl:for-each>
    </xsl:variable>
    <xsl:variable name="element" select="string($elementText)"/>
    <xsl:variable name="isArp" select="$element = 'arp' or $element = 'rarp'"/>
    <xsl:variable name="isIp" select="$element != '' and $element != 'mac' and $element != 'vlan' and $element != 'stp' and not($isArp)"/>
    <FilterEntry>
      <xsl:if test="$element != ''"><xsl:attribute name="d:element"><xsl:value-of select="$element"/></xsl:attribute></xsl:if>
      <Action>
        <xsl:choose>
          <xsl:when test="@action = 'accept'">ACCEPT</xsl:when>
          <xsl:when test="@action = 'drop'">DROP</xsl:when>
          <xsl:otherwise><nwg:refused property="action" reason="the draft knows ACCEPT and DROP, not {@action}" entry="{$at}"/></xsl:otherwise>
        </xsl:choose>
      </Action>
      <TrafficType>
        <xsl:choose>
          <xsl:when test="@direction = 'in'">incoming</xsl:when>
          <xsl:when test="@direction = 'out'">outgoing</xsl:when>
          <xsl:otherwise><nwg:refused property="direction" reason="the draft knows incoming and outgoing, not both in one entry" entry="{$at}"/></xsl:otherwise>
        </xsl:choose>
      </TrafficType>
      <xsl:if test="@priority and @priority != '500'">
        <nwg:refused property="priority" reason="the draft has no priorities ({@priority})" entry="{$at}"/>
      </xsl:if>
      <xsl:if test="@statematch = 'false' or @statematch = '0'">
        <nwg:refused property="statematch" reason="the draft cannot switch connection tracking off" entry="{$at}"/>
      </xsl:if>
      <xsl:if test="$element = 'stp'">
        <nwg:refused property="stp" reason="the draft has no part for spanning tree" entry="{$at}"/>
      </xsl:if>

      <xsl:if test="$element = 'mac' or $element = 'vlan' or $isArp or */@srcmacaddr or */@dstmacaddr">
        <Hdr8021Filter>
          <xsl:if test="$isArp or $element = 'vlan'"><HdrProtocolID8021><xsl:value-of select="$element"/></HdrProtocolID8021></xsl:if>
          <xsl:call-template name="fields"><xsl:with-param name="part" select="'eth'"/><xsl:with-param name="px" select="''"/></xsl:call-template>
        </Hdr8021Filter>
      </xsl:if>
      <xsl:if test="$isArp">
        <d:ARPFilter>
          <xsl:call-template name="fields"><xsl:with-param name="part" select="'arp'"/><xsl:with-param name="px" select="'d:'"/></xsl:call-template>
        </d:ARPFilter>
      </xsl:if>
      <xsl:if test="$isIp">
        <IPHeadersFilter>
          <HdrIPVersion>
            <xsl:choose>
              <xsl:when test="contains($element, 'v6')">6</xsl:when>
              <xsl:otherwise>4</xsl:otherwise>
            </xsl:choose>
          </HdrIPVersion>
          <xsl:variable name="transport" select="substring-before(concat($element, '-'), '-')"/>
          <xsl:if test="$transport != 'ip' and $transport != 'ipv6' and $transport != 'all'">
            <HdrProtocolID><xsl:value-of select="$transport"/></HdrProtocolID>
          </xsl:if>
          <xsl:call-template name="fields"><xsl:with-param name="part" select="'ip'"/><xsl:with-param name="px" select="''"/></xsl:call-template>
        </IPHeadersFilter>
      </xsl:if>

      <xsl:for-each select="*">
        <xsl:for-each select="@*">
          <xsl:variable name="a" select="name()"/>
          <xsl:choose>
            <xsl:when test="$a = 'match' or $element = 'stp'"/>
            <xsl:when test="not(contains($fieldOf, concat(':', $a, '=')))">
              <nwg:refused property="{$a}" reason="the draft has no such field" entry="{$at}"/>
            </xsl:when>
            <xsl:when test="starts-with(., '$') and . != '$MAC' and . != '$IP'">
              <nwg:refused property="{$a}" reason="the draft has no variables but [THIS_MAC] and [THIS_IP] ({.})" entry="{$at}"/>
            </xsl:when>
          </xsl:choose>
        </xsl:for-each>
      </xsl:for-each>
    </FilterEntry>
  </xsl:template>

  <!-- The fields of one part, from all protocol elements of the current rule. -->
  <xsl:template name="fields">
    <xsl:param name="part"/>
    <xsl:param name="px"/>
    <xsl:for-each select="*">
      <xsl:variable name="match" select="string(@match)"/>
      <xsl:for-each select="@*">
        <xsl:variable name="field" select="substring-before(substring-after($fieldOf, concat(' ', $part, ':', name(), '=')), ' ')"/>
        <xsl:if test="$field != ''">
          <xsl:element name="{$px}{$field}">
            <xsl:if test="$match = 'no'">
              <xsl:choose>
                <xsl:when test="name() = 'srcportend' and not(../@srcportstart)">!</xsl:when>
                <xsl:when test="name() = 'dstportend' and not(../@dstportstart)">!</xsl:when>
                <xsl:when test="contains($parts, concat(' ', name(), ' '))"/>
                <xsl:otherwise>!</xsl:otherwise>
              </xsl:choose>
            </xsl:if>
            <xsl:choose>
              <xsl:when test=". = '$MAC'">[THIS_MAC]</xsl:when>
              <xsl:when test=". = '$IP'">[THIS_IP]</xsl:when>
              <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
            </xsl:choose>
          </xsl:element>
        </xsl:if>
      </xsl:for-each>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
