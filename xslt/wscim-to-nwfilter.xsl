<?xml version="1.0" encoding="UTF-8"?>
<!--
  CIM instances of one filter, values as text ("neutral form", docs/cim.md) -> native network filter.

    xsltproc xslt/wscim-to-nwfilter.xsl instances.xml

  Input       <i:Instances>: one NWG_FilterList, then the entries and nested lists in the order of the filter: what
              nwfilter-to-wscim.xsl writes, and what foreign-to-wscim.xsl makes of others' classes. A property is known by its
              local name. nwg:part="entries" on the root asks for the entries only. Or several in
              <nwg:documents>, answered in one.
  Output      <filter>, the values as they came: numbers where native XML prefers names, and perhaps an empty protocol
              element in front of one with match='no'. The native reader brings them into canonical form.
              What the native form cannot hold exactly comes out in place as <nwg:refused property= reason= instance=>:
              a document with one of these is no filter.

  How CIM is read
    Action           1 Permit, 2 Deny, 3 Reject, 4 Return, 5 Continue. None: refused.
    Direction        1 Input, 2 Output, 3 Both. None: refused.
    Protocol         ProtocolElement where there is one; else HdrIPVersion with HdrProtocolID (the packet layer; <ip> or
                     <ipv6> for a number that has no element), or mac and vlan for 802.1 headers.
    Ports            a missing end is 65535, as CIM has it; an end that ImpliedProperties names, and that equals its start,
                     is left out.
    IsNegated        turns exactly one match round. IP version and masks and ends of ranges belong to their match.

  Style       as in nwfilter-to-wscim.xsl, whose tables are the inverse of these.
-->
<xsl:stylesheet version="1.0"
    xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
    xmlns:nwg="http://schemas.nwgate.org/nwfilter/1"
    xmlns:i="http://schemas.nwgate.org/wbem/wscim/1/instances"
    xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing"
    xmlns:wsman="http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
    exclude-result-prefixes="i wsa wsman">
  <xsl:output method="xml" encoding="UTF-8" indent="yes"/>

  <!-- Property to attribute. The prefix of an element in front: only in that element. -->
  <xsl:variable name="attributeOf" select="concat(' ', normalize-space('
    Description=comment
    HdrSrcMACAddr8021=srcmacaddr HdrSrcMACMask8021=srcmacmask HdrDestMACAddr8021=dstmacaddr HdrDestMACMask8021=dstmacmask
    mac:HdrProtocolID8021=protocolid HdrVLANID8021=vlanid EncapProtocolID=encap-protocol
    HdrSrcMACAddr=srcmacaddr HdrSrcMACMask=srcmacmask HdrDestMACAddr=dstmacaddr HdrDestMACMask=dstmacmask
    HdrSrcAddress=srcipaddr HdrSrcMask=srcipmask HdrDestAddress=dstipaddr HdrDestMask=dstipmask
    RangeSrcAddress=srcipfrom RangeSrcAddressEndOfRange=srcipto RangeDestAddress=dstipfrom RangeDestAddressEndOfRange=dstipto
    HdrSrcAddressEndOfRange=srcipto HdrDestAddressEndOfRange=dstipto
    ip:HdrProtocolID=protocol ipv6:HdrProtocolID=protocol HdrDSCP=dscp
    HdrSrcPortStart=srcportstart HdrSrcPortEnd=srcportend HdrDestPortStart=dstportstart HdrDestPortEnd=dstportend
    ICMPType=type ICMPTypeEnd=typeend ICMPCode=code ICMPCodeEnd=codeend
    TCPFlagsMask=flags TCPOption=option ConnectionStates=state
    IPSetName=ipset IPSetFlags=ipsetflags ConnectionLimitAbove=connlimit-above
    HWType=hwtype ProtocolType=protocoltype OPCode=opcode ARPSrcMACAddr=arpsrcmacaddr ARPDestMACAddr=arpdstmacaddr
    ARPSrcIPAddr=arpsrcipaddr ARPSrcIPMask=arpsrcipmask ARPDestIPAddr=arpdstipaddr ARPDestIPMask=arpdstipmask
    Gratuitous=gratuitous
    BPDUType=type BPDUFlags=flags
    RootPriority=root-priority RootPriorityHi=root-priority-hi RootAddress=root-address RootAddressMask=root-address-mask
    RootPathCost=root-cost RootPathCostHi=root-cost-hi SenderPriority=sender-priority SenderPriorityHi=sender-priority-hi
    SenderAddress=sender-address SenderAddressMask=sender-address-mask Port=port PortHi=port-hi Age=age AgeHi=age-hi
    MaxAge=max-age MaxAgeHi=max-age-hi HelloTime=hello-time HelloTimeHi=hello-time-hi
    ForwardDelay=forward-delay ForwardDelayHi=forward-delay-hi
    '), ' ')"/>
  <!-- Parts of another match: they are negated with it. -->
  <xsl:variable name="parts" select="concat(' ', normalize-space('
    HdrSrcMACMask8021 HdrDestMACMask8021 HdrSrcMACMask HdrDestMACMask HdrSrcMask HdrDestMask HdrSrcAddressEndOfRange
    HdrDestAddressEndOfRange RangeSrcAddressEndOfRange RangeDestAddressEndOfRange HdrSrcPortEnd HdrDestPortEnd ICMPTypeEnd
    ICMPCode ICMPCodeEnd TCPFlagsSet IPSetFlags ARPSrcIPMask ARPDestIPMask RootPriorityHi RootAddressMask RootPathCostHi
    SenderPriorityHi SenderAddressMask PortHi AgeHi MaxAgeHi HelloTimeHi ForwardDelayHi
    '), ' ')"/>
  <!-- Read elsewhere in this sheet, or part of a match that has a row above. -->
  <xsl:variable name="handled" select="concat(' ', normalize-space('
    SystemCreationClassName SystemName CreationClassName Name IsNegated Action Direction Priority StateMatch NegatedProperties
    VariableProperties VariableExpressions ImpliedProperties ProtocolElement HdrIPVersion HdrProtocolID HdrProtocolID8021
    IsReverse TCPFlagsSet InstanceID refused
    '), ' ')"/>
  <!-- About the object, not about what it filters. -->
  <xsl:variable name="remarks" select="concat(' ', normalize-space('
    Caption ElementName InstallDate OperationalStatus StatusDescriptions Status HealthState CommunicationStatus DetailedStatus
    OperatingStatus PrimaryStatus Generation
    '), ' ')"/>
  <!-- IP version and protocol number to the element of the packet layer. -->
  <xsl:variable name="elementOf" select="concat(' ', normalize-space('
    4:=all 4:1=icmp 4:2=igmp 4:6=tcp 4:17=udp 4:50=esp 4:51=ah 4:132=sctp 4:136=udplite
    6:=all-ipv6 6:6=tcp-ipv6 6:17=udp-ipv6 6:50=esp-ipv6 6:51=ah-ipv6 6:58=icmpv6 6:132=sctp-ipv6 6:136=udplite-ipv6
    '), ' ')"/>
  <xsl:variable name="actionOf" select="' 1=accept 2=drop 3=reject 4=return 5=continue '"/>
  <xsl:variable name="directionOf" select="' 1=in 2=out 3=inout '"/>
  <xsl:variable name="upper" select="'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"/>
  <xsl:variable name="lower" select="'abcdefghijklmnopqrstuvwxyz'"/>

  <!-- Several documents at once: what each becomes, in their order. -->
  <xsl:template match="nwg:documents">
    <nwg:documents><xsl:apply-templates select="*"/></nwg:documents>
  </xsl:template>

  <xsl:template match="i:Instances">
    <xsl:variable name="lists" select="count(*[local-name() = 'NWG_FilterList'])"/>
    <xsl:variable name="listNameText">
      <xsl:for-each select="*[local-name() = 'NWG_FilterList']">
        <xsl:if test="position() = 1"><xsl:value-of select="*[local-name() = 'Name']"/></xsl:if>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="listName" select="string($listNameText)"/>
    <filter name="{$listName}">
      <xsl:for-each select="*[local-name() = 'NWG_FilterList']">
        <xsl:if test="position() = 1"><xsl:call-template name="list-attributes"/></xsl:if>
      </xsl:for-each>
      <xsl:if test="not(@nwg:part)">
        <xsl:if test="$lists != 1">
          <nwg:refused property="Name" reason="{$lists} filter lists where there must be one" instance="{$listName}"/>
        </xsl:if>
        <xsl:for-each select="*[local-name() = 'NWG_FilterList']">
          <xsl:if test="position() = 1"><xsl:call-template name="list-children"/></xsl:if>
        </xsl:for-each>
      </xsl:if>
      <xsl:for-each select="*">
        <xsl:choose>
          <xsl:when test="substring-after(local-name(), '_') = 'FilterList' or local-name() = 'NWG_EntriesInFilterList' or starts-with(local-name(), 'NWG_Hosted')"/>
          <xsl:when test="local-name() = 'NWG_NestedFilterList'"><xsl:call-template name="nested"/></xsl:when>
          <xsl:when test="contains(' NWG_Hdr8021Filter NWG_IPHeadersFilter NWG_ARPFilter NWG_STPFilter NWG_AnyFilter ', concat(' ', local-name(), ' '))">
            <xsl:call-template name="entry">
              <xsl:with-param name="kindOf" select="substring-after(local-name(), '_')"/>
              <xsl:with-param name="owner" select="$listName"/>
            </xsl:call-template>
          </xsl:when>
          <xsl:when test="local-name() = 'refused'">
            <nwg:refused property="{@property}" reason="{@reason}" instance="{@instance}"/>
          </xsl:when>
          <xsl:otherwise>
            <nwg:refused property="CreationClassName" reason="no part of a filter, or to be read by foreign-to-wscim.xsl first" instance="{local-name()}"/>
          </xsl:otherwise>
        </xsl:choose>
      </xsl:for-each>
    </filter>
  </xsl:template>

  <!-- The list -->

  <xsl:template name="list-attributes">
    <xsl:attribute name="chain">
      <xsl:choose>
        <xsl:when test="*[local-name() = 'Chain']"><xsl:value-of select="*[local-name() = 'Chain']"/></xsl:when>
        <xsl:otherwise>root</xsl:otherwise>
      </xsl:choose>
    </xsl:attribute>
    <xsl:if test="*[local-name() = 'Priority']">
      <xsl:attribute name="priority"><xsl:value-of select="*[local-name() = 'Priority']"/></xsl:attribute>
    </xsl:if>
  </xsl:template>

  <xsl:template name="list-children">
    <xsl:variable name="shown" select="string(*[local-name() = 'Name'])"/>
    <xsl:for-each select="*[local-name() = 'UUID']"><uuid><xsl:value-of select="."/></uuid></xsl:for-each>
    <xsl:for-each select="*">
      <xsl:choose>
        <xsl:when test="local-name() = 'Direction' and . != '0' and . != '1' and . != '2' and . != '3'">
          <nwg:refused property="Direction" reason="only Input, Output and Both have a native form" instance="{$shown}"/>
        </xsl:when>
        <xsl:when test="contains(' SystemCreationClassName SystemName CreationClassName Name Direction Chain Priority UUID BuiltIn InstanceID Description ', concat(' ', local-name(), ' '))"/>
        <xsl:when test="contains($remarks, concat(' ', local-name(), ' '))"/>
        <xsl:otherwise>
          <nwg:refused property="{local-name()}" reason="nothing native says this of a filter" instance="{$shown}"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
  </xsl:template>

  <!-- A reference to another list. -->
  <xsl:template name="nested">
    <xsl:variable name="targetText">
      <xsl:for-each select="*[local-name() = 'Antecedent']/wsa:ReferenceParameters/wsman:SelectorSet/wsman:Selector">
        <xsl:if test="translate(@Name, $upper, $lower) = 'name'"><xsl:value-of select="."/></xsl:if>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="names" select="count(*[local-name() = 'ParameterNames'])"/>
    <xsl:variable name="values" select="count(*[local-name() = 'ParameterValues'])"/>
    <filterref filter="{$targetText}">
      <xsl:for-each select="*[local-name() = 'ParameterNames']">
        <xsl:variable name="place" select="position()"/>
        <parameter name="{.}">
          <xsl:attribute name="value">
            <xsl:for-each select="../*[local-name() = 'ParameterValues']">
              <xsl:if test="position() = $place"><xsl:value-of select="."/></xsl:if>
            </xsl:for-each>
          </xsl:attribute>
        </parameter>
      </xsl:for-each>
      <xsl:if test="$names != $values">
        <nwg:refused property="ParameterValues" reason="{$names} names and {$values} values" instance="{$targetText}"/>
      </xsl:if>
    </filterref>
  </xsl:template>

  <!-- What every entry has -->

  <!-- Name of the current entry, for messages. -->
  <xsl:template name="label">
    <xsl:choose>
      <xsl:when test="*[local-name() = 'Name']"><xsl:value-of select="*[local-name() = 'Name']"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="*[local-name() = 'ElementName']"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="rule-attributes">
    <xsl:param name="raOwner"/>
    <xsl:variable name="key" select="string(*[local-name() = 'Name'])"/>
    <xsl:attribute name="action">
      <xsl:value-of select="substring-before(substring-after($actionOf, concat(' ', normalize-space(*[local-name() = 'Action']), '=')), ' ')"/>
    </xsl:attribute>
    <xsl:attribute name="direction">
      <xsl:value-of select="substring-before(substring-after($directionOf, concat(' ', normalize-space(*[local-name() = 'Direction']), '=')), ' ')"/>
    </xsl:attribute>
    <xsl:attribute name="priority">
      <xsl:choose>
        <xsl:when test="*[local-name() = 'Priority']"><xsl:value-of select="*[local-name() = 'Priority']"/></xsl:when>
        <xsl:otherwise>500</xsl:otherwise>
      </xsl:choose>
    </xsl:attribute>
    <xsl:if test="translate(*[local-name() = 'StateMatch'], $upper, $lower) = 'false' or *[local-name() = 'StateMatch'] = '0'">
      <xsl:attribute name="statematch">false</xsl:attribute>
    </xsl:if>
    <xsl:if test="starts-with($key, concat($raOwner, ':'))">
      <xsl:attribute name="nwg:id"><xsl:value-of select="substring-after($key, concat($raOwner, ':'))"/></xsl:attribute>
    </xsl:if>
  </xsl:template>

  <xsl:template name="rule-refusals">
    <xsl:param name="rrInstance"/>
    <xsl:variable name="does" select="normalize-space(*[local-name() = 'Action'])"/>
    <xsl:variable name="goes" select="normalize-space(*[local-name() = 'Direction'])"/>
    <xsl:choose>
      <xsl:when test="$does = ''">
        <nwg:refused property="Action" reason="the entry has none, so what becomes of the frame is not said" instance="{$rrInstance}"/>
      </xsl:when>
      <xsl:when test="not(contains($actionOf, concat(' ', $does, '=')))">
        <nwg:refused property="Action" reason="{$does} is no known action" instance="{$rrInstance}"/>
      </xsl:when>
    </xsl:choose>
    <xsl:choose>
      <xsl:when test="$goes = '' or $goes = '0'">
        <nwg:refused property="Direction" reason="neither the entry nor its list has one" instance="{$rrInstance}"/>
      </xsl:when>
      <xsl:when test="not(contains($directionOf, concat(' ', $goes, '=')))">
        <nwg:refused property="Direction" reason="only Input, Output and Both have a native form" instance="{$rrInstance}"/>
      </xsl:when>
    </xsl:choose>
    <!-- What the sheet before this one refused. -->
    <xsl:for-each select="nwg:refused">
      <nwg:refused property="{@property}" reason="{@reason}" instance="{@instance}"/>
    </xsl:for-each>
  </xsl:template>

  <!-- One entry -->

  <xsl:template name="entry">
    <xsl:param name="kindOf"/>
    <xsl:param name="owner"/>
    <xsl:variable name="instanceText"><xsl:call-template name="label"/></xsl:variable>
    <xsl:variable name="instance" select="string($instanceText)"/>
    <!-- |Name| of everything that has a value, as one string. -->
    <xsl:variable name="givenText">|<xsl:for-each select="*">
        <xsl:choose>
          <xsl:when test="local-name() = 'VariableProperties'"><xsl:value-of select="concat(normalize-space(.), '|')"/></xsl:when>
          <xsl:when test="local-name() = 'NegatedProperties' or local-name() = 'VariableExpressions'"/>
          <xsl:otherwise><xsl:value-of select="concat(local-name(), '|')"/></xsl:otherwise>
        </xsl:choose>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="given" select="normalize-space($givenText)"/>
    <xsl:variable name="turnedText">|<xsl:for-each select="*[local-name() = 'NegatedProperties']">
        <xsl:value-of select="concat(normalize-space(.), '|')"/>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="turned" select="normalize-space($turnedText)"/>
    <xsl:variable name="allText">
      <xsl:if test="translate(*[local-name() = 'IsNegated'], $upper, $lower) = 'true' or *[local-name() = 'IsNegated'] = '1'">yes</xsl:if>
    </xsl:variable>
    <xsl:variable name="all" select="string($allText)"/>
    <xsl:variable name="elementText">
      <xsl:call-template name="element-name">
        <xsl:with-param name="enKind" select="$kindOf"/>
        <xsl:with-param name="enGiven" select="$given"/>
        <xsl:with-param name="enAll" select="$all"/>
      </xsl:call-template>
    </xsl:variable>
    <xsl:variable name="element" select="string($elementText)"/>
    <rule>
      <xsl:call-template name="rule-attributes">
        <xsl:with-param name="raOwner" select="$owner"/>
      </xsl:call-template>
      <xsl:if test="$element != '' and $element != '?'">
        <xsl:element name="{$element}">
          <xsl:call-template name="matches">
            <xsl:with-param name="mElement" select="$element"/>
            <xsl:with-param name="mGiven" select="$given"/>
            <xsl:with-param name="mTurned" select="$turned"/>
            <xsl:with-param name="mAll" select="$all"/>
            <xsl:with-param name="mWanted" select="'plain'"/>
          </xsl:call-template>
        </xsl:element>
        <xsl:if test="$turned != '|' or $all = 'yes'">
          <xsl:element name="{$element}">
            <xsl:attribute name="match">no</xsl:attribute>
            <xsl:call-template name="matches">
              <xsl:with-param name="mElement" select="$element"/>
              <xsl:with-param name="mGiven" select="$given"/>
              <xsl:with-param name="mTurned" select="$turned"/>
              <xsl:with-param name="mAll" select="$all"/>
              <xsl:with-param name="mWanted" select="'turned'"/>
            </xsl:call-template>
          </xsl:element>
        </xsl:if>
      </xsl:if>
      <xsl:call-template name="rule-refusals">
        <xsl:with-param name="rrInstance" select="$instance"/>
      </xsl:call-template>
      <xsl:call-template name="header-refusals">
        <xsl:with-param name="hrElement" select="$element"/>
        <xsl:with-param name="hrGiven" select="$given"/>
        <xsl:with-param name="hrTurned" select="$turned"/>
        <xsl:with-param name="hrAll" select="$all"/>
        <xsl:with-param name="hrInstance" select="$instance"/>
      </xsl:call-template>
    </rule>
  </xsl:template>

  <!-- Element of the entry; nothing for a rule without one, ? where there is no telling. -->
  <xsl:template name="element-name">
    <xsl:param name="enKind"/>
    <xsl:param name="enGiven"/>
    <xsl:param name="enAll"/>
    <xsl:variable name="said" select="normalize-space(*[local-name() = 'ProtocolElement'])"/>
    <xsl:variable name="type" select="normalize-space(*[local-name() = 'HdrProtocolID8021'])"/>
    <xsl:variable name="version" select="normalize-space(*[local-name() = 'HdrIPVersion'])"/>
    <xsl:variable name="next" select="normalize-space(*[local-name() = 'HdrProtocolID'])"/>
    <xsl:variable name="reverse" select="translate(*[local-name() = 'IsReverse'], $upper, $lower)"/>
    <xsl:variable name="packet" select="substring-before(substring-after($elementOf, concat(' ', $version, ':', $next, '=')), ' ')"/>
    <xsl:choose>
      <xsl:when test="$enKind = 'AnyFilter'"/>
      <xsl:when test="$enKind = 'STPFilter'">stp</xsl:when>
      <xsl:when test="$enKind = 'ARPFilter'">
        <xsl:choose>
          <xsl:when test="$said = 'arp' or $said = 'rarp'"><xsl:value-of select="$said"/></xsl:when>
          <xsl:when test="$said != ''">?</xsl:when>
          <xsl:when test="$reverse = 'true' or $reverse = '1'">rarp</xsl:when>
          <xsl:otherwise>arp</xsl:otherwise>
        </xsl:choose>
      </xsl:when>
      <xsl:when test="$enKind = 'Hdr8021Filter'">
        <xsl:choose>
          <xsl:when test="$said = 'mac' or $said = 'vlan'"><xsl:value-of select="$said"/></xsl:when>
          <xsl:when test="$said != ''">?</xsl:when>
          <xsl:when test="contains($enGiven, '|HdrVLANID8021|') or contains($enGiven, '|EncapProtocolID|')">vlan</xsl:when>
          <xsl:otherwise>mac</xsl:otherwise>
        </xsl:choose>
      </xsl:when>
      <xsl:when test="$said = 'ip' or $said = 'ipv6' or ($said != '' and contains($elementOf, concat('=', $said, ' ')))">
        <xsl:value-of select="$said"/>
      </xsl:when>
      <xsl:when test="$said != ''">?</xsl:when>
      <!-- A protocol that varies, or is the one thing negated, stays an attribute. -->
      <xsl:when test="$packet != '' and not($next = '' and contains($enGiven, '|HdrProtocolID|')) and not($next != '' and $enAll = 'yes')">
        <xsl:value-of select="$packet"/>
      </xsl:when>
      <xsl:when test="$version = '4'">ip</xsl:when>
      <xsl:when test="$version = '6'">ipv6</xsl:when>
      <xsl:otherwise>?</xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- The attributes of one protocol element: those that are negated (turned) or those that are not (plain). -->
  <xsl:template name="matches">
    <xsl:param name="mElement"/>
    <xsl:param name="mGiven"/>
    <xsl:param name="mTurned"/>
    <xsl:param name="mAll"/>
    <xsl:param name="mWanted"/>
    <!-- Ends that the native rule leaves out: they say no more than their start. -->
    <xsl:variable name="impliedText">
      <xsl:for-each select="*[local-name() = 'ImpliedProperties']">
        <xsl:variable name="end" select="normalize-space(.)"/>
        <xsl:variable name="start" select="concat(substring-before($end, 'End'), 'Start')"/>
        <xsl:variable name="endValue">
          <xsl:for-each select="..">
            <xsl:call-template name="value-of"><xsl:with-param name="voProperty" select="$end"/></xsl:call-template>
          </xsl:for-each>
        </xsl:variable>
        <xsl:variable name="startValue">
          <xsl:for-each select="..">
            <xsl:call-template name="value-of"><xsl:with-param name="voProperty" select="$start"/></xsl:call-template>
          </xsl:for-each>
        </xsl:variable>
        <xsl:if test="string($endValue) = string($startValue)"><xsl:value-of select="concat('|', $end, '|')"/></xsl:if>
      </xsl:for-each>
    </xsl:variable>
    <xsl:variable name="implied" select="string($impliedText)"/>
    <xsl:for-each select="*[contains($attributeOf, concat(' ', local-name(), '=')) or contains($attributeOf, concat(' ', $mElement, ':', local-name(), '='))]">
      <xsl:variable name="value">
        <xsl:choose>
          <xsl:when test="local-name() = 'TCPFlagsMask'">
            <xsl:value-of select="concat(., '/', ../*[local-name() = 'TCPFlagsSet'])"/>
          </xsl:when>
          <xsl:otherwise><xsl:value-of select="."/></xsl:otherwise>
        </xsl:choose>
      </xsl:variable>
      <xsl:if test="not(contains($implied, concat('|', local-name(), '|')))">
        <xsl:call-template name="match">
          <xsl:with-param name="mp" select="local-name()"/>
          <xsl:with-param name="mv" select="string($value)"/>
          <xsl:with-param name="me" select="$mElement"/>
          <xsl:with-param name="mg" select="$mGiven"/>
          <xsl:with-param name="mt" select="$mTurned"/>
          <xsl:with-param name="ma" select="$mAll"/>
          <xsl:with-param name="mw" select="$mWanted"/>
        </xsl:call-template>
      </xsl:if>
    </xsl:for-each>
    <xsl:for-each select="*[local-name() = 'VariableProperties']">
      <xsl:variable name="varies" select="normalize-space(.)"/>
      <xsl:variable name="expression">
        <xsl:for-each select="..">
          <xsl:call-template name="value-of"><xsl:with-param name="voProperty" select="$varies"/></xsl:call-template>
        </xsl:for-each>
      </xsl:variable>
      <xsl:if test="not(contains($implied, concat('|', $varies, '|')))">
        <xsl:call-template name="match">
          <xsl:with-param name="mp" select="$varies"/>
          <xsl:with-param name="mv" select="string($expression)"/>
          <xsl:with-param name="me" select="$mElement"/>
          <xsl:with-param name="mg" select="$mGiven"/>
          <xsl:with-param name="mt" select="$mTurned"/>
          <xsl:with-param name="ma" select="$mAll"/>
          <xsl:with-param name="mw" select="$mWanted"/>
        </xsl:call-template>
      </xsl:if>
    </xsl:for-each>
    <xsl:if test="contains($mGiven, 'Port')">
      <xsl:call-template name="open-range">
        <xsl:with-param name="oSide" select="'Src'"/>
        <xsl:with-param name="oGiven" select="$mGiven"/>
        <xsl:with-param name="oTurned" select="$mTurned"/>
        <xsl:with-param name="oAll" select="$mAll"/>
        <xsl:with-param name="oWanted" select="$mWanted"/>
      </xsl:call-template>
      <xsl:call-template name="open-range">
        <xsl:with-param name="oSide" select="'Dest'"/>
        <xsl:with-param name="oGiven" select="$mGiven"/>
        <xsl:with-param name="oTurned" select="$mTurned"/>
        <xsl:with-param name="oAll" select="$mAll"/>
        <xsl:with-param name="oWanted" select="$mWanted"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- A property of the current entry: its value or its variable. -->
  <xsl:template name="value-of">
    <xsl:param name="voProperty"/>
    <xsl:for-each select="*">
      <xsl:if test="local-name() = $voProperty"><xsl:value-of select="."/></xsl:if>
    </xsl:for-each>
    <xsl:for-each select="*[local-name() = 'VariableProperties']">
      <xsl:variable name="voPlace" select="position()"/>
      <xsl:if test="normalize-space(.) = $voProperty">
        <xsl:for-each select="../*[local-name() = 'VariableExpressions']">
          <xsl:if test="position() = $voPlace"><xsl:value-of select="."/></xsl:if>
        </xsl:for-each>
      </xsl:if>
    </xsl:for-each>
  </xsl:template>

  <!-- One property as an attribute, when it belongs to the element now written. -->
  <xsl:template name="match">
    <xsl:param name="mp"/>
    <xsl:param name="mv"/>
    <xsl:param name="me"/>
    <xsl:param name="mg"/>
    <xsl:param name="mt"/>
    <xsl:param name="ma"/>
    <xsl:param name="mw"/>
    <xsl:variable name="inElement" select="substring-before(substring-after($attributeOf, concat(' ', $me, ':', $mp, '=')), ' ')"/>
    <xsl:variable name="attribute">
      <xsl:choose>
        <xsl:when test="$mp = 'HdrSrcAddress' and contains($mg, '|HdrSrcAddressEndOfRange|')">srcipfrom</xsl:when>
        <xsl:when test="$mp = 'HdrDestAddress' and contains($mg, '|HdrDestAddressEndOfRange|')">dstipfrom</xsl:when>
        <xsl:when test="$inElement != ''"><xsl:value-of select="$inElement"/></xsl:when>
        <xsl:otherwise><xsl:value-of select="substring-before(substring-after($attributeOf, concat(' ', $mp, '=')), ' ')"/></xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="side">
      <xsl:choose>
        <xsl:when test="$mp = 'Description'">plain</xsl:when>
        <xsl:when test="$ma = 'yes' or contains($mt, concat('|', $mp, '|'))">turned</xsl:when>
        <xsl:when test="$mp = 'TCPFlagsMask' and contains($mt, '|TCPFlagsSet|')">turned</xsl:when>
        <xsl:otherwise>plain</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:if test="$attribute != '' and $side = $mw">
      <xsl:attribute name="{$attribute}"><xsl:value-of select="$mv"/></xsl:attribute>
    </xsl:if>
  </xsl:template>

  <!-- The missing bound of a range of ports. -->
  <xsl:template name="open-range">
    <xsl:param name="oSide"/>
    <xsl:param name="oGiven"/>
    <xsl:param name="oTurned"/>
    <xsl:param name="oAll"/>
    <xsl:param name="oWanted"/>
    <xsl:variable name="first" select="concat('|Hdr', $oSide, 'PortStart|')"/>
    <xsl:variable name="last" select="concat('|Hdr', $oSide, 'PortEnd|')"/>
    <xsl:variable name="native">
      <xsl:choose>
        <xsl:when test="$oSide = 'Src'">srcport</xsl:when>
        <xsl:otherwise>dstport</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:variable name="rangeSide">
      <xsl:choose>
        <xsl:when test="$oAll = 'yes' or contains($oTurned, $first) or contains($oTurned, $last)">turned</xsl:when>
        <xsl:otherwise>plain</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>
    <xsl:if test="$rangeSide = $oWanted">
      <xsl:if test="contains($oGiven, $first) and not(contains($oGiven, $last))">
        <xsl:attribute name="{$native}end">65535</xsl:attribute>
      </xsl:if>
    </xsl:if>
  </xsl:template>

  <xsl:template name="header-refusals">
    <xsl:param name="hrElement"/>
    <xsl:param name="hrGiven"/>
    <xsl:param name="hrTurned"/>
    <xsl:param name="hrAll"/>
    <xsl:param name="hrInstance"/>
    <xsl:variable name="saidElement" select="normalize-space(*[local-name() = 'ProtocolElement'])"/>
    <xsl:variable name="saidVersion" select="normalize-space(*[local-name() = 'HdrIPVersion'])"/>
    <xsl:variable name="saidNext" select="normalize-space(*[local-name() = 'HdrProtocolID'])"/>
    <xsl:variable name="saidType" select="normalize-space(*[local-name() = 'HdrProtocolID8021'])"/>
    <xsl:variable name="saidReverse" select="translate(normalize-space(*[local-name() = 'IsReverse']), concat($upper, '01'), concat($lower, 'ft'))"/>
    <xsl:variable name="isIp" select="$hrElement = 'ip' or $hrElement = 'ipv6' or contains($elementOf, concat('=', $hrElement, ' '))"/>
    <xsl:variable name="elementVersion">
      <xsl:choose>
        <xsl:when test="contains($hrElement, 'v6')">6</xsl:when>
        <xsl:otherwise>4</xsl:otherwise>
      </xsl:choose>
    </xsl:variable>

    <xsl:choose>
      <xsl:when test="$hrElement = '?' and $saidElement != ''">
        <nwg:refused property="ProtocolElement" reason="{$saidElement} is no element of this class" instance="{$hrInstance}"/>
      </xsl:when>
      <xsl:when test="$hrElement = '?'">
        <nwg:refused property="HdrIPVersion" reason="must be 4 or 6: native rules are for one of them" instance="{$hrInstance}"/>
      </xsl:when>
      <xsl:when test="$saidElement != '' and $saidElement != $hrElement">
        <nwg:refused property="ProtocolElement" reason="{$saidElement} is no element of this class" instance="{$hrInstance}"/>
      </xsl:when>
    </xsl:choose>
    <xsl:if test="$isIp and $saidVersion != '' and $saidVersion != $elementVersion">
      <nwg:refused property="HdrIPVersion" reason="{$saidVersion} does not go with {$hrElement}" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:if test="$isIp and $hrElement != 'ip' and $hrElement != 'ipv6' and $saidNext != ''">
      <xsl:if test="substring-before(substring-after($elementOf, concat(' ', $elementVersion, ':', $saidNext, '=')), ' ') != $hrElement">
        <nwg:refused property="HdrProtocolID" reason="{$saidNext} does not go with {$hrElement}" instance="{$hrInstance}"/>
      </xsl:if>
    </xsl:if>
    <xsl:if test="starts-with($hrElement, 'all') and contains($hrGiven, 'Port')">
      <nwg:refused property="HdrProtocolID" reason="is needed beside ports" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:if test="$hrElement = 'vlan' and $saidType != '' and $saidType != '33024' and $saidType != '0x8100'">
      <nwg:refused property="HdrProtocolID8021" reason="{$saidType} is not the type of a tagged frame, 33024" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:if test="starts-with($saidReverse, 't') and $hrElement != 'rarp' or starts-with($saidReverse, 'f') and $hrElement = 'rarp'">
      <nwg:refused property="IsReverse" reason="does not go with {$hrElement}" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:if test="count(*[local-name() = 'HdrDSCP']) &gt; 1">
      <nwg:refused property="HdrDSCP" reason="a native rule compares one value" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:if test="contains($hrGiven, '|HdrSrcAddressEndOfRange|') and contains($hrGiven, '|RangeSrcAddress')">
      <nwg:refused property="RangeSrcAddress" reason="a second range of source addresses" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:if test="contains($hrGiven, '|HdrDestAddressEndOfRange|') and contains($hrGiven, '|RangeDestAddress')">
      <nwg:refused property="RangeDestAddress" reason="a second range of destination addresses" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:variable name="variableFlags" select="contains($hrGiven, '|TCPFlagsMask|') and not(*[local-name() = 'TCPFlagsMask'])"/>
    <xsl:if test="contains($hrGiven, '|TCPFlagsSet|') and (not(contains($hrGiven, '|TCPFlagsMask|')) or $variableFlags) or *[local-name() = 'TCPFlagsMask'] and not(*[local-name() = 'TCPFlagsSet'])">
      <nwg:refused property="TCPFlagsSet" reason="TCPFlagsMask and TCPFlagsSet are one test, or one variable under TCPFlagsMask" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:if test="$hrAll = 'yes'">
      <xsl:variable name="marks">
        <xsl:for-each select="*">
          <xsl:variable name="counted">
            <xsl:choose>
              <xsl:when test="local-name() = 'VariableProperties'"><xsl:value-of select="normalize-space(.)"/></xsl:when>
              <xsl:otherwise><xsl:value-of select="local-name()"/></xsl:otherwise>
            </xsl:choose>
          </xsl:variable>
          <xsl:choose>
            <xsl:when test="$counted = 'HdrProtocolID' or $counted = 'HdrProtocolID8021'">x</xsl:when>
            <xsl:when test="$counted = 'Description' or contains($parts, concat(' ', $counted, ' '))"/>
            <xsl:when test="contains($attributeOf, concat(' ', $counted, '='))">x</xsl:when>
          </xsl:choose>
        </xsl:for-each>
      </xsl:variable>
      <xsl:if test="string-length(normalize-space($marks)) != 1 or $hrTurned != '|'">
        <nwg:refused property="IsNegated" reason="turns the whole condition round, which a native rule can do for exactly one match" instance="{$hrInstance}"/>
      </xsl:if>
    </xsl:if>

    <xsl:if test="count(*[local-name() = 'VariableProperties']) != count(*[local-name() = 'VariableExpressions'])">
      <nwg:refused property="VariableExpressions" reason="there must be one for each of VariableProperties" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:for-each select="*[local-name() = 'VariableProperties']">
      <xsl:variable name="named" select="normalize-space(.)"/>
      <xsl:choose>
        <xsl:when test="not(contains($attributeOf, concat(' ', $named, '=')) or contains($attributeOf, concat(' ', $hrElement, ':', $named, '='))) or $named = 'Description'">
          <nwg:refused property="VariableProperties" reason="{$named} cannot be a variable here" instance="{$hrInstance}"/>
        </xsl:when>
        <xsl:when test="count(../*[local-name() = $named]) + count(../*[local-name() = 'VariableProperties'][normalize-space(.) = $named]) != 1">
          <nwg:refused property="{$named}" reason="has more than one value" instance="{$hrInstance}"/>
        </xsl:when>
      </xsl:choose>
    </xsl:for-each>
    <xsl:for-each select="*[local-name() = 'VariableExpressions']">
      <xsl:if test="not(starts-with(normalize-space(.), '$'))">
        <nwg:refused property="VariableExpressions" reason="{normalize-space(.)} is no variable" instance="{$hrInstance}"/>
      </xsl:if>
    </xsl:for-each>
    <xsl:for-each select="*[local-name() = 'NegatedProperties']">
      <xsl:variable name="negatedName" select="normalize-space(.)"/>
      <xsl:choose>
        <xsl:when test="not(contains($hrGiven, concat('|', $negatedName, '|')))">
          <nwg:refused property="NegatedProperties" reason="{$negatedName} has no value that could be negated" instance="{$hrInstance}"/>
        </xsl:when>
        <xsl:when test="$negatedName = 'TCPFlagsSet'"/>
        <xsl:when test="not(contains($attributeOf, concat(' ', $negatedName, '=')) or contains($attributeOf, concat(' ', $hrElement, ':', $negatedName, '='))) or $negatedName = 'Description'">
          <nwg:refused property="NegatedProperties" reason="{$negatedName} cannot be negated here" instance="{$hrInstance}"/>
        </xsl:when>
      </xsl:choose>
    </xsl:for-each>
    <xsl:if test="$hrElement = '' and *[local-name() = 'Description']">
      <nwg:refused property="Description" reason="a rule without protocol has no comment" instance="{$hrInstance}"/>
    </xsl:if>
    <xsl:for-each select="*[not(contains($handled, concat(' ', local-name(), ' ')) or contains($attributeOf, concat(' ', local-name(), '=')) or contains($remarks, concat(' ', local-name(), ' ')))]">
      <xsl:choose>
        <xsl:when test="local-name() = 'HdrPriorityValue8021'">
          <nwg:refused property="{local-name()}" reason="native rules do not look at the priority of a tag" instance="{$hrInstance}"/>
        </xsl:when>
        <xsl:when test="local-name() = 'HdrFlowLabel'">
          <nwg:refused property="{local-name()}" reason="native rules do not look at flow labels" instance="{$hrInstance}"/>
        </xsl:when>
        <xsl:otherwise>
          <nwg:refused property="{local-name()}" reason="nothing native says this" instance="{$hrInstance}"/>
        </xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
  </xsl:template>
</xsl:stylesheet>
